import { describe, expect, it } from 'vitest';
import { builtInType, printed } from '../../../test/support/table.ts';
import type { JsonObject } from '../../../shared/api/json.ts';

const running = { name: 'a', ready: true, restartCount: 0, state: { running: { startedAt: '2026-01-15T10:35:20Z' } } };
const completed = { name: 'b', ready: false, restartCount: 0, state: { terminated: { exitCode: 0, reason: 'Completed' } } };
const failed = { name: 'c', ready: false, restartCount: 0, state: { terminated: { exitCode: 1, reason: 'Error' } } };
const crashing = {
  name: 'a',
  ready: false,
  restartCount: 3,
  state: { waiting: { reason: 'CrashLoopBackOff' } },
  lastState: { terminated: { exitCode: 1, finishedAt: '2026-01-15T10:39:20Z' } },
};
const isReady = { conditions: [{ type: 'Ready', status: 'True' }] };

function pod(status: JsonObject, more: { readonly metadata?: JsonObject; readonly spec?: JsonObject } = {}): JsonObject {
  return { metadata: more.metadata ?? {}, spec: { containers: [{ name: 'a' }, { name: 'b' }], ...more.spec }, status };
}

const table: readonly [string, JsonObject, JsonObject][] = [
  ['that nobody has scheduled', pod({ phase: 'Pending' }), { READY: '0/2', STATUS: 'Pending', RESTARTS: '0' }],
  ['that runs', pod({ phase: 'Running', ...isReady, containerStatuses: [running, running] }), { READY: '2/2', STATUS: 'Running' }],
  ['that has completed', pod({ phase: 'Succeeded', containerStatuses: [completed] }), { READY: '0/2', STATUS: 'Completed' }],
  ['that failed', pod({ phase: 'Failed', containerStatuses: [failed] }), { STATUS: 'Error' }],
  ['that was evicted', pod({ phase: 'Failed', reason: 'Evicted' }), { STATUS: 'Evicted' }],
  ['that crashes', pod({ phase: 'Running', containerStatuses: [crashing, running] }), { READY: '1/2', STATUS: 'CrashLoopBackOff', RESTARTS: '3 (60s ago)' }],
  [
    'whose first container completed, while another runs',
    pod({ phase: 'Running', ...isReady, containerStatuses: [completed, running] }),
    { READY: '1/2', STATUS: 'Running' },
  ],
  ['whose first container completed, and another failed', pod({ phase: 'Failed', containerStatuses: [completed, failed] }), { STATUS: 'Error' }],
  [
    'that ended without a reason',
    pod({ phase: 'Failed', containerStatuses: [{ ...failed, state: { terminated: { exitCode: 137 } } }] }),
    { STATUS: 'ExitCode:137' },
  ],
  [
    'that is being deleted',
    pod({ phase: 'Running', containerStatuses: [running] }, { metadata: { deletionTimestamp: '2026-01-15T10:40:00Z' } }),
    { STATUS: 'Terminating' },
  ],
  [
    'that initializes',
    pod({ phase: 'Pending', initContainerStatuses: [completed, { state: { running: {} } }] }, { spec: { initContainers: [{}, {}] } }),
    { STATUS: 'Init:1/2' },
  ],
  ['that fails to initialize', pod({ phase: 'Pending', initContainerStatuses: [failed] }, { spec: { initContainers: [{}] } }), { STATUS: 'Init:Error' }],
];

describe('the table of pods', () => {
  it.each(table)('prints one %s', (_sentence, object, expected) => {
    expect(printed(builtInType('Pod'), object)).toMatchObject(expected);
  });

  it('adds where it runs for -o wide', () => {
    expect(printed(builtInType('Pod'), pod({ podIP: '10.0.0.1' }, { spec: { nodeName: 'node-1' } }), { wide: true })).toMatchObject({
      IP: '10.0.0.1',
      NODE: 'node-1',
    });
  });
});
