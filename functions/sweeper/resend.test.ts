import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../shared/api/json.ts';
import type { KubernetesObject } from '../../shared/api/object-ref.ts';
import { aHeldJob, ago, aSwept, aSweptWorld, now, ownedBy } from '../../test/support/sweeps.ts';
import { resendsOf } from './resend.ts';
import type { World } from './world.ts';

const sent = (resources: readonly KubernetesObject[], overrides: Partial<World> = {}) =>
  resendsOf(aSweptWorld(resources, overrides), 'primary-cluster', now).map(({ message, why }) => `${message.name}: ${why}`);
const inPhase = (phase: string, status: JsonObject = {}) => aSwept('RemediationRequest', 'rr-1', phase, { status });
const stalledFor = (seconds: number, status = 'True') => ({ conditions: [{ type: 'Stalled', status, lastTransitionTime: ago(seconds) }] });
const blocked = (until: string | null, status: JsonObject = {}) =>
  inPhase('blocked', { blockedBy: { reason: until === null ? 'paused' : 'cooldown', ...(until !== null && { until }) }, phaseStartTime: ago(600), ...status });

const quiet = 'rr-1: no wake-up came for a minute';
const again = 'rr-1: stalled, and tried again every 15 minutes';

describe('what the sweeper sends again', () => {
  it.each<[sentence: string, object: KubernetesObject, expected: string | null]>([
    ['a minute in its phase', inPhase('processing', { phaseStartTime: ago(60) }), quiet],
    ['59 seconds in its phase', inPhase('processing', { phaseStartTime: ago(59) }), null],
    ['nobody has touched it for a minute since it was made', aSwept('RemediationRequest', 'rr-1', '', { metadata: { creationTimestamp: ago(60) } }), quiet],
    ['it was made just now', aSwept('RemediationRequest', 'rr-1', '', { metadata: { creationTimestamp: ago(5) } }), null],
    ['only its alert was written yet', inPhase('', { phase: '', phaseStartTime: null, alertStatus: {} }), quiet],
    ['it is over', inPhase('completed', { phaseStartTime: ago(6_000) }), null],
    ['it failed', inPhase('failed', { phaseStartTime: ago(6_000) }), null],
    ['it was cancelled', inPhase('cancelled', { phaseStartTime: ago(6_000) }), null],
    ['nobody knows its phase', inPhase('pondering', { phaseStartTime: ago(60) }), quiet],
    ['its time is no time', inPhase('processing', { phaseStartTime: 'yesterday' }), quiet],
    ['its conditions are no list', inPhase('processing', { phaseStartTime: ago(60), conditions: 'none' }), quiet],

    ['it is blocked until a second from now', blocked(ago(-1)), null],
    ['it was blocked until now', blocked(ago(0)), 'rr-1: what it waited for should be over'],
    ['it was blocked until an hour ago', blocked(ago(3_600)), 'rr-1: what it waited for should be over'],
    ['it is paused, which has no end', blocked(null), quiet],
    ['it was paused just now', blocked(null, { phaseStartTime: ago(10) }), null],
    ['its block ends at no time', blocked('soon'), quiet],
    ['it kept a block from before, and goes on', inPhase('executing', { blockedBy: { until: ago(-600) }, phaseStartTime: ago(60) }), quiet],

    ['it stalled just now', inPhase('processing', { phaseStartTime: ago(400), ...stalledFor(30) }), null],
    ['it stalled 14 minutes ago', inPhase('processing', { phaseStartTime: ago(1_200), ...stalledFor(840) }), null],
    ['it stalled 15 minutes ago', inPhase('processing', { phaseStartTime: ago(1_200), ...stalledFor(900) }), again],
    ['it stalled 16 minutes and a half ago', inPhase('processing', { phaseStartTime: ago(1_200), ...stalledFor(990) }), null],
    ['it stalled an hour ago', inPhase('processing', { phaseStartTime: ago(4_000), ...stalledFor(3_610) }), again],
    ['it has recovered', inPhase('processing', { phaseStartTime: ago(60), ...stalledFor(30, 'False') }), quiet],
    ['it stalled while it was blocked, and is to wait', blocked(ago(-600), stalledFor(900)), null],
    ['it stalled while it was blocked, which is over', blocked(ago(60), stalledFor(900)), again],
    ['it stalled while it was blocked, a moment ago', blocked(ago(60), stalledFor(30)), null],
  ])('where %s', (_sentence, object, expected) => {
    expect(sent([object])).toEqual(expected === null ? [] : [expected]);
  });

  it.each<[sentence: string, holder: readonly KubernetesObject[], isComplete: boolean, isSent: boolean]>([
    ['is over', [aSwept('RemediationRequest', 'rr-0', 'completed')], true, true],
    ['is gone', [], true, true],
    ['is over, and not everything was listed', [aSwept('RemediationRequest', 'rr-0', 'failed')], false, true],
    ['was not listed, as others were not', [], false, false],
    ['still runs', [aSwept('RemediationRequest', 'rr-0', 'executing')], true, false],
    ['is another kind’s namesake', [aSwept('RemediationRequest', 'rr-0', 'executing'), aSwept('AIAnalysis', 'rr-0', 'completed')], true, false],
  ])('where what held its target %s', (_sentence, holder, ...[isComplete, isSent]) => {
    const busy = blocked(ago(-3_000), { blockedBy: { reason: 'target_busy', name: 'rr-0', until: ago(-3_000) } });
    expect(sent([busy, ...holder], { isComplete })).toEqual(isSent ? ['rr-1: what held its target is over'] : []);
  });

  it('is not sent for the end of a cooldown’s cause, which is where the cooldown began', () => {
    const cooling = blocked(ago(-200), { blockedBy: { reason: 'cooldown', name: 'rr-0', until: ago(-200) } });
    expect(sent([cooling, aSwept('RemediationRequest', 'rr-0', 'completed')])).toEqual([]);
  });

  it('is sent at least once in every quarter of an hour, however the minutes of the runs fall', () => {
    for (let offset = 0; offset < 61; offset += 1) {
      const runs = Array.from({ length: 15 }, (_, run) => 900 + offset + run * 61);
      const hits = runs.filter((seconds) => sent([inPhase('processing', { phaseStartTime: ago(9_000), ...stalledFor(seconds) })]).length > 0);
      expect(hits.length).toBeGreaterThanOrEqual(1);
    }
  });

  it('is a key and its cause, to the queue of its kind', () => {
    const analysis = aSwept('AIAnalysis', 'rr-1-analysis', 'recommending', { status: { phaseStartTime: ago(120) } });
    expect(resendsOf(aSweptWorld([analysis]), 'primary-cluster', now)).toEqual([
      {
        queue: 'ai-analyses',
        message: { cluster: 'primary-cluster', kind: 'AIAnalysis', namespace: 'kubernaut-system', name: 'rr-1-analysis', cause: 'sweep' },
        object: analysis,
        why: 'no wake-up came for a minute',
      },
    ]);
  });

  it('is the oldest first, of whatever kind', () => {
    const late = [100, 300, 200].map((seconds, index) =>
      aSwept(index === 1 ? 'WorkflowExecution' : 'AIAnalysis', `late-${seconds}`, 'validating', { status: { phaseStartTime: ago(seconds) } }),
    );
    const untouched = aSwept('RemediationRequest', 'untouched', '', { metadata: { creationTimestamp: ago(250) } });
    expect(sent([...late, untouched]).map((line) => line.split(':')[0])).toEqual(['late-300', 'untouched', 'late-200', 'late-100']);
  });

  it('is a thousand at most, the oldest of them', () => {
    const many = Array.from({ length: 1_100 }, (_, index) => aSwept('AIAnalysis', `a-${index}`, 'analyzing', { status: { phaseStartTime: ago(60 + index) } }));
    const names = sent(many).map((line) => line.split(':')[0]);
    expect(names).toHaveLength(1_000);
    expect(names[0]).toBe('a-1099');
    expect(names).not.toContain('a-99');
  });

  it.each<[sentence: string, depth: number | null, kinds: readonly string[]]>([
    ['is full to its bound', 1_000, ['rr-1', 'a-1']],
    ['is behind: it has these keys already', 1_001, ['a-1']],
    ['would not say how full it is', null, ['a-1']],
  ])('goes to no queue that %s', (_sentence, depth, expected) => {
    const objects = [inPhase('processing', { phaseStartTime: ago(120) }), aSwept('AIAnalysis', 'a-1', 'analyzing', { status: { phaseStartTime: ago(90) } })];
    const depths = new Map([['ai-analyses', 0] as const, ...(depth === null ? [] : [['remediation-requests', depth] as const])]);
    expect(sent(objects, { depths }).map((line) => line.split(':')[0])).toEqual(expected);
  });

  it('gives the room of a crowded queue to the others', () => {
    const crowded = Array.from({ length: 1_500 }, (_, index) =>
      aSwept('WorkflowExecution', `w-${index}`, 'planning', { status: { phaseStartTime: ago(9_000) } }),
    );
    const young = aSwept('AIAnalysis', 'a-1', 'analyzing', { status: { phaseStartTime: ago(60) } });
    const depths = new Map([['ai-analyses', 0] as const, ['workflow-executions', 5_000] as const]);
    expect(sent([...crowded, young], { depths })).toEqual(['a-1: no wake-up came for a minute']);
  });
});

describe('the pass after the end that was lost', () => {
  const over = aSwept('RemediationRequest', 'rr-1', 'failed');
  it('is sent again while a child of what is over still lives, once for all of them', () => {
    const children = ['processing', 'workflow'].map((name) => aSwept('WorkflowExecution', `rr-1-${name}`, 'executing', { metadata: ownedBy(over) }));
    expect(sent([over, ...children])).toEqual(['rr-1: it is over, and a child of it still lives']);
  });

  it('is not sent where every child is over, or the child is a stranger’s', () => {
    const done = aSwept('WorkflowExecution', 'rr-1-workflow', 'completed', { metadata: ownedBy(over) });
    const stranger = aSwept('WorkflowExecution', 'by-hand', 'executing');
    expect(sent([over, done, stranger])).toEqual([]);
  });

  it('is sent again while the Job of an execution that is over is still held', () => {
    const execution = aSwept('KubernetesExecution', 'ke-1', 'failed');
    expect(sent([execution], { jobs: [aHeldJob('job-1', 'ke-1')] })).toEqual(['ke-1: it is over, and its Job is still held']);
    expect(sent([execution], { jobs: [aHeldJob('job-1', 'ke-1', [])] })).toEqual([]);
    expect(sent([aSwept('KubernetesExecution', 'ke-1', 'executing')], { jobs: [aHeldJob('job-1', 'ke-1')] })).toEqual([]);
  });
});
