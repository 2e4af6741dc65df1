import { describe, expect, it } from 'vitest';
import { ApiError } from '../../../shared/kubernetes/errors.ts';
import { doctorText } from './doctor.ts';
import { examine } from './examine.ts';
import { fail, ok, warn, type Verdict } from './finding.ts';
import type { Check, Patient } from './patient.ts';

/** Time passes at once, for whoever waits for it. */
const patient = {
  variables: {},
  systemNamespace: 'kubernaut-system',
  connection: () => {
    throw new Error('there is none');
  },
  stage: () => {
    throw new Error('there is none');
  },
  openDatabase: null,
  local: null,
  clock: { now: () => '', milliseconds: () => 0, sleep: async () => undefined },
} as const satisfies Patient;

const check = (name: string, look: () => Promise<readonly Verdict[]>, needs?: string): Check => ({ name, look, ...(needs !== undefined && { needs }) });
const never = () => new Promise<never>(() => undefined);
const fine = async () => [ok('fine')];

describe('an examination', () => {
  it('makes every check, whatever becomes of the others, and tells them in their order', async () => {
    const checks = [
      check('slow', never),
      check('broken', () => Promise.reject(new Error('no such thing'))),
      check('refused', () => Promise.reject(new ApiError({ status: 401, reason: 'Unauthorized', message: 'GET /x: Unauthorized' }))),
      check('fine', fine),
    ];
    expect(await examine(checks, patient)).toEqual([
      { check: 'slow', status: 'fail', message: 'took longer than 20 s', remedy: expect.stringContaining('is the way there slow') },
      { check: 'broken', status: 'fail', message: 'no such thing', remedy: '' },
      { check: 'refused', status: 'fail', message: expect.stringContaining('log in again'), remedy: '' },
      { check: 'fine', status: 'ok', message: 'fine', remedy: '' },
    ]);
  });

  it('does not look at what lies behind a thing that fails, however far', async () => {
    const checks = [
      check('first', async () => [fail('gone', 'bring it back')]),
      check('second', fine, 'first'),
      check('third', fine, 'second'),
      check('other', fine),
    ];
    expect((await examine(checks, patient)).map(({ check: name, status, remedy }) => [name, status, remedy])).toEqual([
      ['first', 'fail', 'bring it back'],
      ['second', 'warn', 'mend "first" first'],
      ['third', 'warn', 'mend "second" first'],
      ['other', 'ok', ''],
    ]);
  });

  it('looks behind a thing that could be better', async () => {
    const checks = [check('first', async () => [warn('so so', 'mend it')]), check('second', fine, 'first')];
    expect((await examine(checks, patient)).map(({ status }) => status)).toEqual(['warn', 'ok']);
  });
});

describe('what is printed', () => {
  it('has a line for each finding, what to do at its end, and a sum', () => {
    const findings = [
      { check: 'queues', ...ok('seven') },
      { check: 'cluster', ...fail('away', 'bring it back') },
      { check: 'clocks', ...warn('apart', 'set them') },
    ];
    expect(doctorText(findings)).toEqual([
      'STATUS  CHECK    WHAT',
      'ok      queues   seven',
      'fail    cluster  away: bring it back',
      'warn    clocks   apart: set them',
      '',
      '1 failed, 1 to look at',
    ]);
    expect(doctorText(findings.slice(0, 1)).at(-1)).toBe('all is well');
  });
});
