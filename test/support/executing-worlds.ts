import fc from 'fast-check';
import type { Condition } from '../../shared/api/condition.ts';
import type { KubernetesExecution } from '../../shared/api/kubernetes-execution.ts';
import type { KubernetesObject } from '../../shared/api/object-ref.ts';
import { addSeconds, type Instant } from '../../shared/api/time.ts';
import type { Observed } from '../../functions/kubernetes-execution/phases/executing.ts';
import { samples } from './actions.ts';
import {
  aCondition,
  aJob,
  anExecutorPod,
  anOwner,
  anUnrecorded,
  aRecorded,
  askedToCancel,
  aWarning,
  complete,
  failed,
  now,
  timedOut,
  unrecorded,
} from './executions.ts';

/** Any state that executing may be in, and anything that it may see there: the possible, and what only a broken cluster or a stranger would do. */
export interface ExecutingWorld {
  readonly execution: KubernetesExecution;
  readonly observed: Observed;
  readonly now: Instant;
}

const junk: fc.Arbitrary<KubernetesObject> = fc
  .record({ spec: fc.jsonValue(), status: fc.jsonValue() })
  .map((fields) => ({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'payment-api', namespace: 'production', uid: 'u1' }, ...fields }));

const anyObject: fc.Arbitrary<KubernetesObject | null> = fc.oneof(
  fc.constant(null),
  junk,
  fc.constantFrom(...samples.map(({ target }) => target)),
  fc.constantFrom(...samples.map(({ target }) => ({ ...target, metadata: { ...target.metadata, uid: 'other', deletionTimestamp: now } }))),
);

const jobStatus = fc.constantFrom({}, complete, failed, timedOut, { startTime: 'noon', conditions: 'none' });
const jobMetadata = fc.constantFrom(
  {},
  unrecorded,
  { ownerReferences: [] },
  { uid: 'other' },
  { deletionTimestamp: now },
  { annotations: { 'kubernaut.io/void': 'cancelled' } },
  { annotations: { 'kubernaut.io/void': 'a whim' } },
);
const anyJob = fc.option(fc.record({ status: jobStatus, metadata: jobMetadata }).map(aJob), { freq: 3 });

const anyPod = fc.constantFrom(
  anExecutorPod({ running: {} }, { phase: 'Running' }),
  anExecutorPod({ terminated: { exitCode: 1, reason: 'Error' } }),
  anExecutorPod({ waiting: { reason: 'ErrImagePull', message: 'no such image' } }),
  anExecutorPod({ terminated: 'junk' }, { status: { conditions: 7, containerStatuses: {} } }),
);
const evidence = fc.record({
  pods: fc.array(anyPod, { maxLength: 2 }),
  log: fc.option(fc.string({ unit: 'binary', maxLength: 50 })),
  events: fc.array(fc.constantFrom(aWarning('FailedCreate', 'exceeded quota'), aWarning('Failed', '', { name: 'x' })), { maxLength: 2 }),
});

const seconds = fc.integer({ min: -10, max: 4_000 });
const condition = (type: string, reasons: readonly string[]): fc.Arbitrary<readonly Condition[]> =>
  fc.oneof(
    fc.constant([]),
    fc
      .record({ status: fc.constantFrom('True' as const, 'False' as const, 'Unknown' as const), reason: fc.constantFrom(...reasons), after: seconds })
      .map(({ status, reason, after }) => [aCondition(type, status, { reason, at: addSeconds(now, after) })]),
  );
const conditions = fc
  .tuple(condition('Permitted', ['not_named', 'granted']), condition('JobFinished', ['pending', 'completed', 'job_missing', 'pods_left', 'execution_timeout']))
  .map((lists) => lists.flat());

const action = fc.constantFrom(...samples, { name: 'forgotten_action', parameters: {} }, { name: 'scale_deployment', parameters: { replicas: -1 } });
const execution = fc
  .record({
    action,
    conditions,
    isRecorded: fc.boolean(),
    isCancelled: fc.boolean(),
    rollbackOf: fc.boolean(),
    targetBefore: fc.constantFrom({}, { metadata: 'junk' }, { metadata: { uid: 'u1' }, spec: { replicas: 3 } }),
    timeout: fc.constantFrom('10s', '5m', '15m'),
  })
  .map(({ action: { name, parameters }, isRecorded, isCancelled, rollbackOf, timeout, ...status }) =>
    (isRecorded ? aRecorded : anUnrecorded)({
      spec: { actionType: name, actionParams: parameters, timeout, ...(rollbackOf && { rollbackOf: 'rr-1-workflow-scale' }) },
      ...(isCancelled && { metadata: askedToCancel }),
      status,
    }),
  );

const owner = fc.constantFrom(
  null,
  anOwner(),
  anOwner({ names: [] }),
  anOwner({ phase: 'rolling_back' }),
  anOwner({ phase: 'failed' }),
  anOwner({ metadata: askedToCancel }),
);

export const aWorld: fc.Arbitrary<ExecutingWorld> = execution.chain((some) =>
  fc.record({
    execution: fc.constant(some),
    observed:
      some.status?.jobRef === undefined
        ? fc.record({ job: anyJob, owner, target: anyObject }).map((seen) => ({ kind: 'unrecorded' as const, seen }))
        : fc.record({ job: anyJob, evidence, world: fc.option(fc.array(anyObject, { maxLength: 3 })) }).map((seen) => ({ kind: 'recorded' as const, seen })),
    now: seconds.map((after) => addSeconds(now, after)),
  }),
);
