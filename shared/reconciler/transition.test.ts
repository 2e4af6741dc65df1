import { describe, expect, it } from 'vitest';
import { aResource, now, parsed } from '../../test/support/kernel.ts';
import type { Condition } from '../api/condition.ts';
import { addSeconds } from '../api/time.ts';
import type { StatusFields } from '../api/status.ts';
import type { PatchStatus } from './effect.ts';
import { audit, transition, update, type Transition } from './transition.ts';

const earlier = addSeconds(now, -60);
const resource = (status?: Partial<StatusFields>) => parsed(aResource({ ...(status !== undefined && { status }), metadata: { generation: 3 } }));
const step = (overrides: Partial<Transition> = {}): Transition => ({ to: 'classifying', audit: { type: 'processing.started' }, ...overrides });

function patchOf(overrides: Partial<Transition> = {}, status: Partial<StatusFields> = { phase: 'enriching', startTime: earlier }): PatchStatus['status'] {
  const patch = transition(resource(status), step(overrides), now).find((effect) => effect.kind === 'PatchStatus');
  if (patch === undefined) throw new Error('no patch');
  return patch.status;
}

function conditionsOf(status: PatchStatus['status']): Record<string, string> {
  const conditions = status['conditions'] as unknown as readonly Condition[];
  return Object.fromEntries(conditions.map((condition) => [condition.type, `${condition.status} ${condition.reason}`]));
}

describe('a transition', () => {
  it('leaves as audit, status, Event: nothing would repeat the audit after the patch', () => {
    const effects = transition(resource(), step({ event: { type: 'Normal', reason: 'Started', message: 'begun' } }), now);
    expect(effects.map(({ kind }) => kind)).toEqual(['RecordAudit', 'PatchStatus', 'EmitEvent']);
    expect(transition(resource(), step(), now).map(({ kind }) => kind)).toEqual(['RecordAudit', 'PatchStatus']);
  });

  it('audits its own phases, reason and message unless told otherwise', () => {
    const [row] = transition(resource({ phase: 'enriching' }), step({ to: 'failed', reason: 'target_not_found', message: 'no such pod' }), now);
    expect(row).toEqual({
      kind: 'RecordAudit',
      type: 'processing.started',
      phaseFrom: 'enriching',
      phaseTo: 'failed',
      reason: 'target_not_found',
      message: 'no such pod',
    });
    const [told] = transition(
      resource(),
      step({ message: 'mine', audit: { type: 'x.y', reason: 'why', message: 'theirs', discriminator: 's1', payload: { a: 1 } } }),
      now,
    );
    expect(told).toMatchObject({ phaseFrom: '', reason: 'why', message: 'theirs', discriminator: 's1', payload: { a: 1 } });
  });

  it('starts the clock of its phase, and that of the resource only once', () => {
    expect(patchOf({}, {})).toMatchObject({ phase: 'classifying', startTime: now, phaseStartTime: now, observedGeneration: 3 });
    expect(patchOf({})).toMatchObject({ phaseStartTime: now });
    expect(patchOf({})).not.toHaveProperty('startTime');
  });

  it.each(['completed', 'failed', 'cancelled'])('into %s sets the completion time', (to) => {
    expect(patchOf({ to })).toMatchObject({ completionTime: now });
  });

  it('on the way sets none, and clears the reason and message of before', () => {
    expect(patchOf()).not.toHaveProperty('completionTime');
    expect(patchOf()).toMatchObject({ reason: null, message: null });
  });

  it('lets the kind say its own fields, over the derived ones', () => {
    expect(patchOf({ to: 'completed', status: { completionTime: earlier, outcome: 'remediated' } })).toMatchObject({
      completionTime: earlier,
      outcome: 'remediated',
    });
  });

  it.each<[to: string, overrides: Partial<Transition>, conditions: Record<string, string>]>([
    ['classifying', {}, { Ready: 'False Classifying', Succeeded: 'Unknown Running' }],
    ['rolling_back', {}, { Ready: 'False RollingBack', Succeeded: 'Unknown Running' }],
    ['completed', {}, { Ready: 'True Completed', Succeeded: 'True Completed' }],
    ['completed', { succeededReason: 'DryRunOnly' }, { Ready: 'True Completed', Succeeded: 'True DryRunOnly' }],
    ['failed', { reason: 'dry_run_failed' }, { Ready: 'False DryRunFailed', Succeeded: 'False DryRunFailed' }],
    ['cancelled', {}, { Ready: 'False Cancelled', Succeeded: 'False Cancelled' }],
  ])('into %s (%j) has conditions %j', (to, overrides, conditions) => {
    expect(conditionsOf(patchOf({ to, ...overrides }))).toEqual(conditions);
  });

  it('keeps the conditions that it does not judge, and moves a time only when a status flips', () => {
    const before: readonly Condition[] = [
      { type: 'Ready', status: 'False', reason: 'Enriching', message: '', lastTransitionTime: earlier },
      { type: 'Stalled', status: 'False', reason: 'Recovered', message: '', lastTransitionTime: earlier },
    ];
    const status = patchOf(
      { to: 'completed', conditions: [{ type: 'ContextComplete', status: 'True', reason: 'AllSourcesRead' }] },
      { phase: 'enriching', conditions: before },
    );
    expect(conditionsOf(status)).toEqual({
      Ready: 'True Completed',
      Stalled: 'False Recovered',
      Succeeded: 'True Completed',
      ContextComplete: 'True AllSourcesRead',
    });
    const still = patchOf({}, { phase: 'enriching', conditions: before })['conditions'] as unknown as readonly Condition[];
    expect(still.find(({ type }) => type === 'Ready')).toMatchObject({ reason: 'Classifying', lastTransitionTime: earlier });
  });

  it('says a message masked and cut, in status and audit alike', () => {
    const long = `token=abcdef0123456789 ${'x'.repeat(2_000)}`;
    const effects = transition(resource(), step({ to: 'failed', message: long }), now);
    const texts = effects.map((effect) => (effect.kind === 'PatchStatus' ? effect.status['message'] : effect.kind === 'RecordAudit' ? effect.message : null));
    expect(texts).toEqual(Array(2).fill(expect.stringMatching(/^token=\[masked\] x+ \[cut\]$/)));
    expect(texts).toEqual(Array(2).fill(expect.stringMatching(/^.{1024}$/)));
  });
});

describe('a write within the phase', () => {
  it('holds the fields and conditions given, and nothing else', () => {
    expect(update(resource({ phase: 'enriching' }), { missing: [] }, [], now)).toEqual({ kind: 'PatchStatus', status: { missing: [] } });
    expect(conditionsOf(update(resource(), {}, [{ type: 'Permitted', status: 'False', reason: 'NotNamed' }], now).status)).toEqual({
      Permitted: 'False NotNamed',
    });
  });

  it('has its own audit row where it wants one', () => {
    expect(audit({ type: 'execution.intent', reason: '', message: 'makes a Job', payload: { argv: ['scale'] } }, 'executing', 'executing')).toEqual({
      kind: 'RecordAudit',
      type: 'execution.intent',
      reason: '',
      message: 'makes a Job',
      payload: { argv: ['scale'] },
      phaseFrom: 'executing',
      phaseTo: 'executing',
    });
  });
});
