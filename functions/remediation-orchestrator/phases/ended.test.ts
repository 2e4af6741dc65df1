import { describe, expect, it } from 'vitest';
import type { KubernetesObject } from '../../../shared/api/object-ref.ts';
import { leaseName } from '../../../shared/api/names.ts';
import type { RemediationRequest } from '../../../shared/api/remediation-request.ts';
import { addSeconds } from '../../../shared/api/time.ts';
import { clusterTwin } from '../../../test/support/cluster-twin.ts';
import {
  aCompletedWorkflow,
  anAnalysis,
  anOwnLease,
  anotherRequest,
  aRequestIn,
  asked,
  now,
  said,
  settings,
  targetHashOf,
} from '../../../test/support/requests.ts';
import { aWorkflow } from '../../../test/support/workflows.ts';
import { ended, type Observed } from './ended.ts';

const phase = ended(settings);
const decide = (request: RemediationRequest, observed: Partial<Observed> = {}) =>
  phase.decide(request, { children: [], leases: [], waiting: [], ...observed }, now);
const labels = { 'kubernaut.io/target-hash': targetHashOf() };
const completed = aRequestIn('completed', { metadata: { labels } });
const cancelled = aRequestIn('cancelled', { metadata: { labels } });
const held = (name: string, by = 'rr-1') =>
  anotherRequest(name, 'blocked', { status: { blockedBy: { reason: 'target_busy', name: by, until: now, resumePhase: 'executing' } } });

function lease(name: string, holderIdentity: string): KubernetesObject {
  const metadata = { name, namespace: 'kubernaut-system', uid: `uid-of-${name}`, labels: { 'kubernaut.io/remediation-request': 'rr-1' } };
  return { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata, spec: { holderIdentity } };
}

function childOf<Kind extends { readonly metadata: object }>(child: Kind): KubernetesObject {
  const owner = { apiVersion: 'remediation.kubernaut.io/v1', kind: 'RemediationRequest', name: 'rr-1', uid: 'rr1', controller: true };
  return { ...child, metadata: { ...child.metadata, ownerReferences: [owner] } } as unknown as KubernetesObject;
}

/** Each seed is a minute older than the one before. */
async function look(request: RemediationRequest, seeds: readonly KubernetesObject[] = []) {
  let age = 0;
  const cluster = clusterTwin(seeds, () => addSeconds(now, (age -= 60)));
  const calls: string[] = [];
  cluster.onCall = ({ verb, kind, name }) => void calls.push(`${verb} ${kind} ${name}`.trimEnd());
  return { observed: await phase.observe(request, { cluster }, now), calls };
}

describe('the pass after the end', () => {
  it('releases every lock, then wakes those that waited for it', () => {
    const decision = decide(completed, { leases: [anOwnLease(), anOwnLease({ name: 'target-0' })], waiting: [held('rr-2'), held('rr-3')] });
    expect(said(decision)).toEqual([
      `delete Lease ${leaseName(targetHashOf())}`,
      'delete Lease target-0',
      'wake RemediationRequest rr-2',
      'wake RemediationRequest rr-3',
    ]);
  });

  it('has nothing to do the second time', () => {
    expect(decide(completed)).toEqual({ effects: [] });
    expect(decide(cancelled, { children: [anAnalysis()] })).toEqual({ effects: [] });
  });

  it('asks a child that still lives to cancel, once', () => {
    const analysis = anAnalysis({ status: { phase: 'investigating' } });
    expect(said(decide(cancelled, { children: [analysis] }))).toEqual(['patch metadata of rr-1-analysis']);
    expect(decide(cancelled, { children: [asked(analysis)] }).effects).toEqual([]);
  });

  it('keeps the locks, and wakes nobody, while a workflow of it lives', () => {
    const observed = { leases: [anOwnLease()], waiting: [held('rr-2')] };
    expect(said(decide(cancelled, { ...observed, children: [aWorkflow()] }))).toEqual(['patch metadata of rr-1-workflow']);
    expect(decide(cancelled, { ...observed, children: [asked(aWorkflow())] }).effects).toEqual([]);
    expect(said(decide(cancelled, { ...observed, children: [aCompletedWorkflow()] }))).toHaveLength(2);
  });

  it('wakes fifty at most', () => {
    const waiting = Array.from({ length: 60 }, (_, index) => held(`rr-${index + 10}`));
    expect(decide(completed, { waiting }).effects).toHaveLength(50);
  });

  it('writes no status, so that it does not wake itself', () => {
    const decision = decide(completed, { leases: [anOwnLease()], children: [aWorkflow()], waiting: [held('rr-2')] });
    expect(said(decision)).not.toContain('write status');
  });
});

describe('what the pass after the end asks', () => {
  it('is two lists after a workflow that ended', async () => {
    expect((await look(completed)).calls).toEqual(['list Lease', 'list RemediationRequest']);
  });

  it.each<[sentence: string, request: RemediationRequest, calls: readonly string[]]>([
    ['it ended in analyzing', aRequestIn('cancelled'), ['get AIAnalysis rr-1-analysis', 'get WorkflowExecution rr-1-workflow', 'list Lease']],
    ['it ended in executing', aRequestIn('failed'), ['get WorkflowExecution rr-1-workflow', 'list Lease']],
    ['it ended in processing', inProcessing(), ['get RemediationProcessing rr-1-processing', 'get AIAnalysis rr-1-analysis']],
    ['it ended before anything', inNothing(), ['get RemediationProcessing rr-1-processing']],
  ])('is the child that may still live, named or not, when %s', async (_sentence, request, calls) => {
    expect((await look(request)).calls).toEqual(calls);
  });

  it('finds its own locks by label and uid, listed in the status or not', async () => {
    const { observed } = await look(completed, [lease('target-a', 'rr1'), lease('target-b', 'an earlier rr-1'), lease('target-c', 'rr1')]);
    expect(observed.leases.map(({ name }) => name)).toEqual(['target-a', 'target-c']);
  });

  it('finds a workflow that no status names, and no stranger of its name', async () => {
    const { observed } = await look(cancelled, [childOf(aWorkflow())]);
    expect(observed.children.map(({ kind }) => kind)).toEqual(['WorkflowExecution']);
    const stranger = { ...aWorkflow(), metadata: { ...aWorkflow().metadata, ownerReferences: [] } };
    expect((await look(cancelled, [{ ...stranger }])).observed.children).toEqual([]);
  });

  it('finds those that it holds up, oldest first, and nobody else', async () => {
    const cooling = anotherRequest('rr-5', 'blocked', { status: { blockedBy: { reason: 'cooldown', name: 'rr-1', until: now, resumePhase: 'executing' } } });
    const seeds = [held('rr-2'), held('rr-3'), held('rr-4', 'rr-9'), anotherRequest('rr-6', 'analyzing'), cooling];
    const { observed } = await look(
      completed,
      seeds.map((request) => ({ ...request })),
    );
    expect(observed.waiting.map(({ metadata }) => metadata.name)).toEqual(['rr-3', 'rr-2']);
  });

  it('finds those that wait for another lock that it releases', async () => {
    const pod = targetHashOf({ kind: 'Pod', name: 'payment-api-7d4b' });
    const waiting = held('rr-2');
    const elsewhere = { ...waiting, metadata: { ...waiting.metadata, labels: { 'kubernaut.io/target-hash': pod } } };
    const { observed } = await look(completed, [lease(leaseName(pod), 'rr1'), { ...elsewhere }]);
    expect(observed.waiting.map(({ metadata }) => metadata.name)).toEqual(['rr-2']);
  });
});

function inProcessing(): RemediationRequest {
  const { remediationProcessingRef } = aRequestIn('processing').status ?? {};
  return aRequestIn('', { status: { phase: 'cancelled', ...(remediationProcessingRef !== undefined && { remediationProcessingRef }) } });
}

function inNothing(): RemediationRequest {
  return aRequestIn('', { status: { phase: 'cancelled' } });
}
