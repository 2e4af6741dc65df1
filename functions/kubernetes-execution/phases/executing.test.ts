import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { executionStatusSchema } from '../../../shared/api/kubernetes-execution.ts';
import { isVoid } from '../../../shared/reconciler/children.ts';
import type { Effect } from '../../../shared/reconciler/effect.ts';
import type { Decision } from '../../../shared/reconciler/phase.ts';
import { aDeployment } from '../../../test/support/actions.ts';
import { aWorld, type ExecutingWorld } from '../../../test/support/executing-worlds.ts';
import { aJob, anOwner, anUnrecorded, aRecorded, effectsOf, jobRef, now, settings, statusOf, told } from '../../../test/support/executions.ts';
import { noEvidence } from '../evidence.ts';
import { buildVoidJob } from '../job.ts';
import { jobState } from '../job-state.ts';
import { executing } from './executing.ts';

const phase = executing(settings);
const job = aJob();
const create = (object = job): Effect => ({ kind: 'CreateResource', object, whenTaken: 'refused' });
const refused = (effect: Effect, status = 403, execution = anUnrecorded()) =>
  phase.refused?.(execution, { effect, status, message: 'denied by policy' }, now) ?? null;
const voidJob = (reason: string) => buildVoidJob(anUnrecorded(), settings.kubectlImage, reason);

const fails = ['RecordAudit execution.failed', 'PatchStatus', 'EmitEvent Warning ExecutionFailed'];

describe('executing', () => {
  it('looks for its Job by name until the status names it, and by reference from then on', async () => {
    const asked: string[] = [];
    const get = async ({ kind, name }: { readonly kind: string; readonly name: string }) => {
      asked.push(`${kind} ${name}`);
      return job;
    };
    const ports = { get, list: async () => [], podLog: async () => null };
    expect(await phase.observe(anUnrecorded(), ports, now)).toEqual({ kind: 'unrecorded', seen: { job, owner: null, target: null } });
    expect(await phase.observe(aRecorded(), ports, now)).toEqual({ kind: 'recorded', seen: { job, evidence: noEvidence, world: null } });
    expect(asked).toEqual([`Job ${jobRef.name}`, `Job ${jobRef.name}`]);
  });

  it('decides on what it looked at', () => {
    expect(told(phase.decide(anUnrecorded(), { kind: 'unrecorded', seen: { job: null, owner: anOwner(), target: aDeployment() } }, now))).toContain(
      'RecordAudit execution.intent',
    );
    expect(phase.decide(aRecorded(), { kind: 'recorded', seen: { job, evidence: noEvidence, world: null } }, now).effects).toEqual([]);
  });
});

describe('a Job that the API refuses', () => {
  const message = `creating Job ${jobRef.name}: denied by policy`;

  it('fails the execution, and its name is taken first: an earlier create may still be under way', () => {
    const decision = refused(create());
    expect(told(decision ?? { effects: [] })).toEqual([`CreateResource ${jobRef.name}`, ...fails]);
    expect(statusOf(decision ?? { effects: [] })).toMatchObject({
      reason: 'job_creation_failed',
      message,
      executionResults: { success: false, errorMessage: message },
    });
  });

  it('for a stranger under its name fails the execution alone', () => {
    expect(told(refused(create(), 409) ?? { effects: [] })).toEqual(fails);
  });

  it.each([
    ['job_creation_failed', 'job_creation_failed', message],
    ['cancelled', 'cancelled', 'cancelled before anything was changed'],
    ['target_changed', 'target_changed', 'the target is no longer as it was validated'],
  ])('is refused as a void Job too: the verdict is given (%s)', (reason, expected, words) => {
    const decision = refused(create(voidJob(reason))) ?? { effects: [] };
    expect(told(decision)).toEqual(fails);
    expect(statusOf(decision)).toMatchObject({ reason: expected, message: words });
  });

  it.each<[sentence: string, effect: Effect]>([
    ['a finalizer that may not be taken off', { kind: 'PatchMetadata', finalizers: [] }],
    ['a Job that may not be deleted', { kind: 'DeleteResource', ref: { ...jobRef, apiVersion: 'batch/v1' }, propagationPolicy: 'Foreground' }],
  ])('is no verdict for %s: nobody has an answer', (_sentence, effect) => {
    expect(refused(effect)).toBeNull();
  });
});

it('tells the kernel no deadline: no verdict on a Job that may act comes from outside', () => {
  expect(phase).not.toHaveProperty('deadline');
});

/** Merge of the status as the API would do it, for what this kind writes: no field of a map is taken away. */
function statusAfter({ execution }: ExecutingWorld, decision: Decision): unknown {
  const written = Object.entries(statusOf(decision) ?? {}).filter(([, value]) => value !== null);
  const filled = written.map(([field, value]) => [field, field === 'jobRef' && '$created' in Object(value) ? jobRef : value]);
  return { ...execution.status, ...Object.fromEntries(filled) };
}

const aDecision = aWorld.map((world) => ({ world, decision: phase.decide(world.execution, world.observed, world.now) }));

describe('whatever the world looks like, executing', () => {
  it('decides, and twice the same', () => {
    fc.assert(
      fc.property(aDecision, ({ world, decision }) => {
        expect(phase.decide(world.execution, world.observed, world.now)).toEqual(decision);
      }),
    );
  });

  it('makes at most one Job, after saying so, and none once there is one', () => {
    fc.assert(
      fc.property(aDecision, ({ world: { execution, observed }, decision }) => {
        const made = effectsOf(decision, 'CreateResource').map(({ object }) => object);
        const thereIsOne = execution.status?.jobRef !== undefined || observed.seen.job !== null;
        expect(made.length).toBeLessThanOrEqual(thereIsOne ? 0 : 1);
        const intents = effectsOf(decision, 'RecordAudit').filter(({ type }) => type === 'execution.intent');
        expect(intents).toHaveLength(made.filter((object) => !isVoid(object)).length);
      }),
    );
  });

  it('takes the name of its Job when it ends without one', () => {
    fc.assert(
      fc.property(aDecision, ({ world: { observed }, decision }) => {
        const endsWithoutJob = observed.kind === 'unrecorded' && observed.seen.job === null && statusOf(decision)?.['phase'] === 'failed';
        const voids = effectsOf(decision, 'CreateResource').filter(({ object }) => isVoid(object));
        expect(voids).toHaveLength(endsWithoutJob ? 1 : 0);
      }),
    );
  });

  it('gives no verdict while its Job runs', () => {
    fc.assert(
      fc.property(aDecision, ({ world: { observed, execution }, decision }) => {
        const runs = observed.kind === 'recorded' && jobState(execution, observed.seen.job).kind === 'running';
        expect(runs ? statusOf(decision) : undefined).toBeUndefined();
      }),
    );
  });

  it('never stands still: it writes, or wakes itself, no sooner than after 5 s and no later than after 15 minutes', () => {
    fc.assert(
      fc.property(aDecision, ({ decision: { effects, wakeAfterSeconds = [] } }) => {
        expect(effects.some(({ kind }) => kind === 'PatchStatus') || wakeAfterSeconds.length > 0).toBe(true);
        expect(wakeAfterSeconds.filter((seconds) => seconds < 5 || seconds > 900)).toEqual([]);
      }),
    );
  });

  it('writes a status that the API takes', () => {
    fc.assert(
      fc.property(aDecision, ({ world, decision }) => {
        expect(executionStatusSchema.safeParse(statusAfter(world, decision))).toMatchObject({ success: true });
      }),
    );
  });
});
