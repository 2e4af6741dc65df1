import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../shared/api/json.ts';
import type { KubernetesObject } from '../../shared/api/object-ref.ts';
import { aHeldJob, aLock, ago, aSwept, aSweptWorld, now, ofRequest, type SweptOverrides } from '../../test/support/sweeps.ts';
import { expiredRequests, inconclusiveRequests, strayLeases, unclaimedJobs } from './leftovers.ts';

const names = (objects: readonly KubernetesObject[]) => objects.map(({ metadata }) => metadata.name);
const request = (phase: string, overrides: SweptOverrides = {}) => aSwept('RemediationRequest', 'rr-1', phase, overrides);

describe('a request whose retention is over', () => {
  it.each<[sentence: string, object: KubernetesObject, isExpired: boolean]>([
    ['its cleanup is due now', request('completed', { status: { cleanupScheduledAt: ago(0) } }), true],
    ['its cleanup was due a day ago', request('failed', { status: { cleanupScheduledAt: ago(86_400) } }), true],
    ['it was cancelled', request('cancelled', { status: { cleanupScheduledAt: ago(1) } }), true],
    ['its cleanup is due in a second', request('completed', { status: { cleanupScheduledAt: ago(-1) } }), false],
    ['nobody planned its cleanup', request('completed'), false],
    ['its cleanup is planned for no time', request('completed', { status: { cleanupScheduledAt: 'later' } }), false],
    ['it still runs', request('executing', { status: { cleanupScheduledAt: ago(60) } }), false],
    ['it is on its way out', request('completed', { status: { cleanupScheduledAt: ago(60) }, metadata: { deletionTimestamp: ago(5) } }), false],
    ['it is another kind', aSwept('WorkflowExecution', 'rr-1-workflow', 'completed', { status: { cleanupScheduledAt: ago(60) } }), false],
  ])('where %s', (_sentence, object, isExpired) => {
    expect(names(expiredRequests(aSweptWorld([object]), now))).toEqual(isExpired ? [object.metadata.name] : []);
  });
});

describe('a request whose outcome nobody will tell any more', () => {
  const done = (status: JsonObject = {}, seconds = 900) =>
    request('completed', { status: { completionTime: ago(seconds), workflowResults: { success: true }, alertStatus: { state: 'firing' }, ...status } });
  it.each<[sentence: string, object: KubernetesObject, isInconclusive: boolean]>([
    ['its alert still fires at the end of the window', done(), true],
    ['its alert never said anything', done({ alertStatus: null }), true],
    ['the window has a second left', done({}, 899), false],
    ['its alert has resolved', done({ alertStatus: { state: 'resolved' } }), false],
    ['its outcome is known', done({ outcome: 'remediated' }), false],
    ['its workflow was no success', done({ workflowResults: { success: false } }), false],
    ['it had no workflow', done({ workflowResults: null }), false],
    ['it failed', done({ phase: 'failed' }), false],
    ['nobody knows when it completed', done({ completionTime: null }), false],
  ])('where %s', (_sentence, object, isInconclusive) => {
    expect(names(inconclusiveRequests(aSweptWorld([object]), 900, now))).toEqual(isInconclusive ? ['rr-1'] : []);
  });
});

describe('a stray lock', () => {
  const lock = aLock('target-1', 'rr-1');
  const workflow = (phase: string) => aSwept('WorkflowExecution', 'rr-1-workflow', phase, { metadata: ofRequest('rr-1') });
  const remade = request('executing', { metadata: { uid: 'uid-of-another' } });
  it.each<[sentence: string, lease: KubernetesObject, resources: readonly KubernetesObject[], isStray: boolean]>([
    ['its holder is gone', lock, [], true],
    ['its holder is gone, and its workflow is over', lock, [workflow('failed')], true],
    ['its holder is gone, and its workflow still lives', lock, [workflow('executing')], false],
    ['its holder was deleted and made anew', lock, [remade], true],
    ['its holder still runs', lock, [request('executing')], false],
    ['its holder has not begun', lock, [request('')], false],
    ['its holder is over', lock, [request('completed')], true],
    ['its holder is over, and its workflow too', lock, [request('failed'), workflow('completed')], true],
    ['its holder is over, and its workflow still lives', lock, [request('failed'), workflow('rolling_back')], false],
    [
      'its holder is over, and another’s workflow lives',
      lock,
      [request('failed'), aSwept('WorkflowExecution', 'w', 'executing', { metadata: ofRequest('rr-2') })],
      true,
    ],
    ['nobody holds it', { ...lock, spec: {} }, [request('executing')], true],
    ['it remembers a resolution of 14 days ago', aLock('resolved-a-b', 'rr-9', { creationTimestamp: ago(1_209_600) }), [], true],
    ['it remembers a resolution of yesterday', aLock('resolved-a-b', 'rr-9', { creationTimestamp: ago(86_400) }), [], false],
    ['it remembers a resolution of nobody knows when', aLock('resolved-a-b', 'rr-9', { creationTimestamp: undefined }), [], false],
    ['it is a Lease of another purpose', aLock('leader-election', 'rr-9'), [], false],
  ])('where %s', (_sentence, lease, ...[resources, isStray]) => {
    expect(names(strayLeases({ leases: [lease], resources, isComplete: true }, now))).toEqual(isStray ? [lease.metadata.name] : []);
  });

  it('is none where not everything was listed: the holder that is missing may hold it', () => {
    const memory = aLock('resolved-a-b', 'rr-9', { creationTimestamp: ago(1_209_600) });
    expect(names(strayLeases({ leases: [lock, memory], resources: [], isComplete: false }, now))).toEqual(['resolved-a-b']);
    expect(names(strayLeases({ leases: [lock], resources: [request('completed')], isComplete: false }, now))).toEqual([]);
  });
});

describe('a Job that nobody will record', () => {
  const job = aHeldJob('job-1', 'ke-1');
  it.each<[sentence: string, jobs: KubernetesObject, resources: readonly KubernetesObject[], isUnclaimed: boolean]>([
    ['its execution is gone', job, [], true],
    ['its execution was deleted and made anew', job, [aSwept('KubernetesExecution', 'ke-1', 'executing', { metadata: { uid: 'other' } })], true],
    ['it has no owner', { ...job, metadata: { ...job.metadata, ownerReferences: [] } }, [], true],
    ['its execution is there', job, [aSwept('KubernetesExecution', 'ke-1', 'executing')], false],
    ['its execution is over', job, [aSwept('KubernetesExecution', 'ke-1', 'failed')], false],
    ['it was recorded', aHeldJob('job-1', 'ke-1', []), [], false],
    ['somebody else holds it', aHeldJob('job-1', 'ke-1', ['foregroundDeletion']), [], false],
  ])('where %s', (_sentence, held, ...[resources, isUnclaimed]) => {
    expect(names(unclaimedJobs({ jobs: [held], resources, isComplete: true }))).toEqual(isUnclaimed ? ['job-1'] : []);
  });

  it('is none where not everything was listed', () => {
    expect(unclaimedJobs({ jobs: [job], resources: [], isComplete: false })).toEqual([]);
  });
});
