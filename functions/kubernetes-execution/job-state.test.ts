import { describe, expect, it } from 'vitest';
import { aCondition, aJob, anUnrecorded, aRecorded, complete, failed, timedOut } from '../../test/support/executions.ts';
import { endInStatus, endSeenAt, jobState, readJob, type JobState } from './job-state.ts';

const forerunner = (type: string) => ({ conditions: [{ type, status: 'True', reason: 'X' }] });

describe('a Job', () => {
  it.each<[sentence: string, status: Parameters<typeof aJob>[0], state: JobState]>([
    ['has succeeded when it is Complete', { status: complete }, { kind: 'succeeded' }],
    ['has failed when it is Failed', { status: failed }, { kind: 'failed', timedOut: false }],
    ['has run out of time when it says so', { status: timedOut }, { kind: 'failed', timedOut: true }],
    ['runs until its own deadline', {}, { kind: 'running', endsBy: '2026-01-15T10:40:16Z' }],
    [
      'runs while its pods still end after the criteria are met',
      { status: forerunner('SuccessCriteriaMet') },
      { kind: 'running', endsBy: '2026-01-15T10:40:16Z' },
    ],
    ['runs while its pods still end after the target of failure', { status: forerunner('FailureTarget') }, { kind: 'running', endsBy: '2026-01-15T10:40:16Z' }],
    [
      'runs when a condition is not True',
      { status: { conditions: [{ type: 'Failed', status: 'False' }] } },
      { kind: 'running', endsBy: '2026-01-15T10:40:16Z' },
    ],
    ['has no end in sight before it begins', { status: { startTime: null } }, { kind: 'running', endsBy: null }],
    ['has no end in sight without a bound', { spec: { activeDeadlineSeconds: null } }, { kind: 'running', endsBy: null }],
    ['runs, whatever nonsense stands in its status', { status: { conditions: 'none', startTime: 'noon' } }, { kind: 'running', endsBy: null }],
  ])('%s', (_sentence, overrides, state) => {
    expect(readJob(aJob(overrides))).toEqual(state);
  });

  it('is gone when it is not there', () => {
    expect(readJob(null)).toEqual({ kind: 'gone' });
  });
});

describe('the status', () => {
  const saying = (status: 'True' | 'False' | 'Unknown', reason: string) =>
    aRecorded({ status: { conditions: [aCondition('JobFinished', status, { reason, at: '2026-01-15T10:35:40Z' })] } });

  it.each([
    ['knows nothing before the first look', anUnrecorded(), null],
    ['knows nothing while the Job runs', saying('Unknown', 'pending'), null],
    ['knows of a success', saying('True', 'completed'), { kind: 'succeeded' }],
    ['knows of a Job that went missing', saying('False', 'job_missing'), { kind: 'gone' }],
    ['knows nothing of the world after another failure', saying('False', 'execution_job_failed'), null],
  ])('%s', (_sentence, execution, end) => {
    expect(endInStatus(execution)).toEqual(end);
    expect(endSeenAt(execution)).toBe(end === null ? null : '2026-01-15T10:35:40Z');
  });

  it('goes before a Job that was not read', () => {
    expect(jobState(saying('True', 'completed'), null)).toEqual({ kind: 'succeeded' });
    expect(jobState(aRecorded(), null)).toEqual({ kind: 'gone' });
  });
});
