import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { subjects } from './catalogue.ts';
import { gatedDatabase, type GatedDatabase } from './gated-database.ts';
import { playRun } from './play-run.ts';
import type { Counts, Fault, Mutant, Report, Run } from './run.ts';
import { sentenceOf } from '../violation.ts';

// One of each kind, around the moment at which the Job is made; `npm run test:faults` plays them all.

const [main] = subjects;

function aRun(fault: Fault, mutant: Mutant | null = null): Run {
  return { story: main?.story ?? '', rivals: 0, seed: 1, fault, mutant, verdicts: [main?.verdict ?? ''] };
}

let gated: GatedDatabase;
let calm: Report;
beforeAll(async () => {
  gated = await gatedDatabase();
});
beforeAll(async () => {
  calm = await playRun(aRun({ kind: 'none' }), gated);
});
afterAll(() => gated.database.destroy());

const jobEffect = ({ jobEffects }: Counts) => jobEffects[0] ?? 0;
const lastWrite = ({ calls }: Counts) => calls.lastIndexOf('write') + 1;
const middle = ({ calls }: Counts) => Math.floor(calls.length / 3);

const faults: Readonly<Record<string, (counts: Counts) => Fault>> = {
  'a function killed before the Job is made': (counts) => ({ kind: 'death', effect: jobEffect(counts), moment: 'before', person: 'nothing' }),
  'a function killed after the Job is made, which somebody deletes': (counts) => ({
    kind: 'death',
    effect: jobEffect(counts),
    moment: 'after',
    person: 'delete the Job',
  }),
  'a Job made a minute after its request was cancelled': (counts) => ({ kind: 'late Job', effect: jobEffect(counts), seconds: 60 }),
  'the last write, served and unanswered': (counts) => ({ kind: 'call', call: lastWrite(counts), answer: 'lost' }),
  'a 409 at the last write': (counts) => ({ kind: 'call', call: lastWrite(counts), answer: '409' }),
  'every message twice': () => ({ kind: 'deliveries', how: 'twice', secondsMax: 60 }),
  'two passes of a key at once': () => ({ kind: 'deliveries', how: 'at once', secondsMax: 0 }),
  'the API away for ten minutes': (counts) => ({ kind: 'away', what: 'API', call: middle(counts), seconds: 600 }),
};

describe('a remediation meets', () => {
  it.each(Object.entries(faults))('%s, and every promise holds', async (_sentence, faultOf) => {
    const fault = faultOf(calm.counts);
    const isMeddledWith = fault.kind === 'late Job' || (fault.kind === 'death' && fault.person !== 'nothing');
    // A Job that somebody deletes before it ran may be missed for good, and a person who cancels is obeyed: what the remediation comes to is then open.
    const run = { ...aRun(fault), ...(isMeddledWith && { verdicts: [] }) };
    const { violations, verdicts } = await playRun(run, gated);
    expect(violations.map(sentenceOf)).toEqual([]);
    expect(verdicts).toHaveLength(1);
  });
});

describe('the promises', () => {
  it('are broken by a product whose Jobs have no finalizer', async () => {
    const run = aRun({ kind: 'death', effect: jobEffect(calm.counts), moment: 'after', person: 'delete the Job' }, 'finalizer');
    const { violations } = await playRun({ ...run, verdicts: [] }, gated);
    expect(violations.map(({ check }) => check)).toContain('one Job a step');
  });

  it('are broken by a product that leaves the name of a Job free when it ends without one', async () => {
    const run = aRun({ kind: 'late Job', effect: jobEffect(calm.counts), seconds: 60 }, 'void Job');
    const { violations } = await playRun({ ...run, verdicts: [] }, gated);
    expect(violations.map(({ check }) => check)).toContain('nothing acts after its verdict');
  });
});
