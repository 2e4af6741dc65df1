import { describe, expect, it } from 'vitest';
import { aCondition, anExecution, anUnrecorded, aRecorded, now } from '../../test/support/executions.ts';
import { activeDeadlineSeconds, healthEndsAt, jobDeadline, jobDeletedAt, phaseEndsAt, timeoutAt, validatingEndsAt } from './deadlines.ts';

// startTime is 10:35:15, now 10:35:20, the timeout 5 minutes
const outcomeSeconds = 120;
const waiting = anUnrecorded({ status: { conditions: [aCondition('Permitted', 'False', { reason: 'not_named', at: '2026-01-15T10:35:16Z' })] } });
const permittedLate = aRecorded({ status: { conditions: [aCondition('Permitted', 'True', { reason: 'granted', at: '2026-01-15T10:36:15Z' })] } });

describe('deadlines', () => {
  it('count from startTime, although the Job starts later', () => {
    expect(timeoutAt(anUnrecorded(), now)).toBe('2026-01-15T10:40:15Z');
    expect(validatingEndsAt(anExecution())).toBe('2026-01-15T10:36:15Z');
    expect(phaseEndsAt(anUnrecorded(), outcomeSeconds, now)).toBe('2026-01-15T10:41:45Z');
    expect(phaseEndsAt(anUnrecorded(), 600, now)).toBe('2026-01-15T10:46:45Z');
  });

  it('stand still until the owner permits', () => {
    expect(timeoutAt(waiting, '2026-01-15T10:38:15Z')).toBe('2026-01-15T10:43:15Z');
    expect(timeoutAt(permittedLate, '2026-01-15T10:39:00Z')).toBe('2026-01-15T10:41:15Z');
  });

  it('stand still no longer than an orphan waits', () => {
    expect(timeoutAt(waiting, '2026-01-15T12:00:00Z')).toBe('2026-01-15T10:55:15Z');
  });

  it.each([
    ['all of it at the start', anUnrecorded(), '2026-01-15T10:35:15Z', 300],
    ['what is left', anUnrecorded(), '2026-01-15T10:39:00Z', 75],
    ['never less than half a minute', anUnrecorded(), '2026-01-15T10:40:10Z', 30],
    ['what was left when the wait for the owner began', waiting, '2026-01-15T10:38:15Z', 300],
  ])('give a Job %s', (_sentence, execution, at, seconds) => {
    expect(activeDeadlineSeconds(execution, at)).toBe(seconds);
  });

  it('give what is not yet healthy until the outcome deadline, and half a minute after a Job that ended late', () => {
    expect(healthEndsAt(aRecorded(), outcomeSeconds, '2026-01-15T10:35:40Z', now)).toBe('2026-01-15T10:37:15Z');
    expect(healthEndsAt(aRecorded(), outcomeSeconds, '2026-01-15T10:37:00Z', now)).toBe('2026-01-15T10:37:30Z');
  });

  it('of a Job are its own once it has begun', () => {
    expect(jobDeadline(aRecorded(), '2026-01-15T10:40:16Z', now)).toBe('2026-01-15T10:40:16Z');
    expect(jobDeadline(aRecorded(), null, now)).toBe('2026-01-15T10:40:15Z');
    expect(jobDeadline(aRecorded({ status: { jobCreatedTime: '2026-01-15T10:41:00Z' } }), null, now)).toBe('2026-01-15T10:41:30Z');
    expect(jobDeletedAt('2026-01-15T10:40:16Z')).toBe('2026-01-15T10:41:16Z');
  });

  it('are past for a status that has lost its start', () => {
    const lost = anUnrecorded({ status: { startTime: undefined }, metadata: { creationTimestamp: undefined } });
    expect(timeoutAt(lost, now) < now).toBe(true);
  });
});
