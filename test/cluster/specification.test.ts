import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { totalsOf, type CountTotals } from '../../infra/local/stack/counts.ts';
import { inventHistory } from '../../infra/local/story/history.ts';
import { listAll } from '../../infra/local/story/observe.ts';
import { playOnVirtualClock } from '../../infra/local/story/play-on-virtual-clock.ts';
import { readStory } from '../../infra/local/story/story.ts';
import { KindName, kinds } from '../../shared/api/kinds.ts';
import type { KubernetesObject } from '../../shared/api/object-ref.ts';
import { addSeconds, formatDuration, secondsBetween } from '../../shared/api/time.ts';
import { silentLogger } from '../../shared/telemetry/logger.ts';

const root = join(import.meta.dirname, '../..');
const printed = (name: string) => parse(readFileSync(join(root, 'test/fixtures/specification', `${name}.yaml`), 'utf8')) as object;

interface World {
  readonly of: Readonly<Record<string, readonly KubernetesObject[]>>;
  readonly audit: readonly { readonly type: string; readonly correlation_id: string; readonly reason: string }[];
  readonly counts: CountTotals;
  readonly outcomes: readonly { readonly action: string; readonly success: boolean }[];
}
let world: World;

const followed = [
  ...KindName.map((kind) => ({ apiVersion: kinds[kind].apiVersion, kind })),
  { apiVersion: 'batch/v1', kind: 'Job' },
  { apiVersion: 'v1', kind: 'Event' },
  { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease' },
];

beforeAll(async () => {
  const story = readStory(root, 'payment-api-memory');
  const prepare = async (stack: { readonly database: Parameters<typeof inventHistory>[0]; readonly clock: { now(): string } }) =>
    inventHistory(stack.database, stack.clock.now());
  await playOnVirtualClock(story, { root, logger: silentLogger, prepare }, async ({ admin, database, counts }) => {
    const lists = await Promise.all(followed.map(async ({ apiVersion, kind }) => [kind, await listAll(admin, { apiVersion, kind })] as const));
    const deployments = await listAll(admin, { apiVersion: 'apps/v1', kind: 'Deployment' }, 'production');
    world = {
      of: { ...Object.fromEntries(lists), Deployment: deployments },
      audit: await database.selectFrom('audit_event').select(['type', 'correlation_id', 'reason']).orderBy('time').execute(),
      outcomes: await database.selectFrom('action_outcome').select(['action', 'success']).where('request_uid', 'not like', 'invented-%').execute(),
      counts: totalsOf(counts),
    };
  });
});

const only = (kind: string): KubernetesObject => {
  const [object, ...others] = world.of[kind] ?? [];
  if (object === undefined || others.length > 0) throw new Error(`${kind}: ${others.length + (object === undefined ? 0 : 1)} instead of one`);
  return object;
};
const statusOf = (kind: string) => only(kind)['status'] as Readonly<Record<string, never>>;

describe('the main story, beside what the specification prints', () => {
  it.each([
    ['AIAnalysis', 'ai-analysis'],
    ['WorkflowExecution', 'workflow-execution'],
    ['KubernetesExecution', 'kubernetes-execution'],
    ['RemediationRequest', 'remediation-request'],
    ['Job', 'job'],
  ])('has every printed field of a %s', (kind, fixture) => {
    expect(only(kind)).toMatchObject(printed(fixture));
  });

  it('prints nothing in the chosen recommendation but what the specification has', () => {
    expect(statusOf('AIAnalysis')['topRecommendation']).toEqual((printed('ai-analysis') as { status: { topRecommendation: object } }).status.topRecommendation);
  });

  it('names its objects after the request', () => {
    const { name } = only('RemediationRequest').metadata;
    expect(name).toMatch(/^rr-9c1f0f3e5b7a-[0-9a-f]{6}$/);
    expect(statusOf('RemediationRequest')).toMatchObject({
      remediationProcessingRef: { name: `${name}-processing` },
      aiAnalysisRef: { name: `${name}-analysis` },
      workflowRef: { name: `${name}-workflow` },
    });
    expect(only('KubernetesExecution').metadata.name).toBe(`${name}-workflow-scale-deployment`);
    expect(only('Job').metadata.name).toBe(`ke-scale-deployment-${only('KubernetesExecution').metadata.uid?.slice(0, 8) ?? ''}`);
  });

  it('copies the completion time, and plans the cleanup a day later', () => {
    const { completionTime, cleanupScheduledAt, workflowResults } = statusOf('RemediationRequest') as unknown as {
      completionTime: string;
      cleanupScheduledAt: string;
      workflowResults: { duration: string };
    };
    const workflow = statusOf('WorkflowExecution') as unknown as {
      completionTime: string;
      executionPlan: { actualDuration: string };
      stepStatuses: { startTime: string }[];
    };
    expect(completionTime).toBe(workflow.completionTime);
    expect(cleanupScheduledAt).toBe(addSeconds(completionTime, 86_400));
    expect(workflowResults.duration).toBe(workflow.executionPlan.actualDuration);
    expect(workflow.executionPlan.actualDuration).toBe(formatDuration(secondsBetween(workflow.stepStatuses[0]?.startTime ?? '', workflow.completionTime)));
  });

  it('leaves the Deployment with five ready replicas and nothing locked', () => {
    expect(only('Deployment')).toMatchObject({ spec: { replicas: 5 }, status: { readyReplicas: 5 } });
    expect(world.of['Lease']).toEqual([]);
    expect(only('Job').metadata.finalizers ?? []).toEqual([]);
  });

  it('leaves six Events of ours, each with a message', () => {
    const ours = (world.of['Event'] ?? []).filter((event) => String(event['reportingComponent']).startsWith('kubernaut.io/'));
    expect(ours.map((event) => String(event['reason'])).toSorted()).toEqual(
      ['AIAnalysisCompleted', 'ExecutionCompleted', 'JobCreated', 'RemediationCompleted', 'RemediationStarted', 'WorkflowCompleted'].toSorted(),
    );
    expect(ours.every((event) => String(event['message']) !== '')).toBe(true);
  });

  it('audits every step under one correlation, the intent before the Job', () => {
    const types = world.audit.map(({ type }) => type);
    const uid = only('RemediationRequest').metadata.uid;
    expect(new Set(world.audit.map(({ correlation_id }) => correlation_id))).toEqual(new Set([uid]));
    for (const type of [
      'request.created',
      'processing.completed',
      'analysis.completed',
      'workflow.planned',
      'workflow.validated',
      'workflow.step_started',
      'execution.validated',
      'execution.intent',
      'execution.job_created',
      'execution.completed',
      'workflow.step_finished',
      'workflow.completed',
      'request.completed',
    ]) {
      expect(types).toContain(type);
    }
    expect(world.outcomes).toEqual([{ action: 'scale_deployment', success: true }]);
  });

  it('costs at most 60 queue messages and 145 Kubernetes requests', () => {
    expect(world.counts.queueMessages).toBeLessThanOrEqual(60);
    expect(world.counts.kubernetesRequests).toBeLessThanOrEqual(145);
  });
});
