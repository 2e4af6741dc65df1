import { join } from 'node:path';
import { totalsOf } from '../../infra/local/stack/counts.ts';
import { createObject } from '../../infra/local/stack/install.ts';
import { startLocalStack, type LocalStack } from '../../infra/local/stack/local-stack.ts';
import { listAll, followChanges, phaseIsTerminal, requestKind } from '../../infra/local/story/observe.ts';
import { inventHistory } from '../../infra/local/story/history.ts';
import { postNotifications } from '../../infra/local/story/play.ts';
import { playOnVirtualClock } from '../../infra/local/story/play-on-virtual-clock.ts';
import { readStory } from '../../infra/local/story/story.ts';
import { silentLogger } from '../../shared/telemetry/logger.ts';
import { createMoments, type Moments } from './moments.ts';
import { timelineOf } from './timeline.ts';
import { aNotification, aSickDeployment, benchNamespace, benchNamespaceObject } from './world.ts';

const root = join(import.meta.dirname, '../..');
const alertCount = 50;
const patienceMilliseconds = 60_000;
const p50LimitMilliseconds = 1_000;
const queueMessagesMax = 60;
const kubernetesRequestsMax = 145;

const print = (line: string) => process.stdout.write(`${line}\n`);

/** Fifty alerts on the embedded stack, then one remediation counted to the message; exits 1 past a limit. */
async function bench(): Promise<boolean> {
  const latencies = await withStack(0, measureLatencies);
  const p50 = percentile(latencies, 50);
  print(`alert accepted to Job created, ${alertCount} alerts for ${alertCount} Deployments one after another, embedded stack over HTTP and HTTPS:`);
  print(
    `  p50 ${Math.round(p50)} ms, p95 ${Math.round(percentile(latencies, 95))} ms, max ${Math.round(Math.max(...latencies))} ms (limit: p50 under ${p50LimitMilliseconds} ms)`,
  );
  print("\nthe specification's timeline beside ours (one remediation, a minute of monitoring; ~ is the specification's estimate):");
  for (const line of await withStack(60, measureTimeline)) print(line);
  return (await countOne()) && p50 < p50LimitMilliseconds;
}

async function withStack<Result>(monitoringSeconds: number, measure: (stack: LocalStack, moments: Moments) => Promise<Result>): Promise<Result> {
  const stack = await startLocalStack({
    root,
    cluster: 'sandbox',
    tell: print,
    ports: { webhook: 0, api: 0, queue: 0 },
    queueEndpoint: null,
    queuePrefix: 'kubernaut-bench-',
    keepsQueues: false,
    dataDirectory: null,
    environment: { ...process.env, KUBERNAUT_MONITORING_SECONDS: String(monitoringSeconds), KUBERNAUT_LOG_LEVEL: 'silent' },
    logger: silentLogger,
  });
  const watching = new AbortController();
  try {
    await createObject(stack.admin, benchNamespaceObject);
    const moments = createMoments();
    const followed = followChanges(stack.admin, (object) => moments.note(object, performance.now()), watching.signal);
    const result = await measure(stack, moments);
    watching.abort();
    await followed;
    return result;
  } finally {
    watching.abort();
    await stack.stop();
  }
}

async function measureLatencies(stack: LocalStack, moments: Moments): Promise<readonly number[]> {
  const names = Array.from({ length: alertCount }, (_, index) => `app-${String(index).padStart(2, '0')}`);
  await makeSick(stack, names);
  const latencies: number[] = [];
  for (const name of names) {
    await post(stack, name);
    const accepted = performance.now();
    latencies.push((await moments.seen(name, 'job created', patienceMilliseconds)) - accepted);
  }
  await until(async () => (await listAll(stack.admin, requestKind)).every(phaseIsTerminal));
  const unfinished = (await listAll(stack.admin, requestKind)).filter((request) => (request['status'] as { readonly phase?: string }).phase !== 'completed');
  if (unfinished.length > 0) throw new Error(`${unfinished.length} of ${alertCount} remediations did not complete`);
  return latencies;
}

async function measureTimeline(stack: LocalStack, moments: Moments): Promise<readonly string[]> {
  await makeSick(stack, ['timeline']);
  await post(stack, 'timeline');
  await moments.seen('timeline', 'rr completed', patienceMilliseconds * 3);
  return timelineOf(moments, 'timeline');
}

async function makeSick({ admin }: LocalStack, names: readonly string[]): Promise<void> {
  for (const name of names) await createObject(admin, aSickDeployment(name));
  const wasKilled = (pod: object) => JSON.stringify(pod).includes('"OOMKilled"');
  await until(async () => (await listAll(admin, { apiVersion: 'v1', kind: 'Pod' }, benchNamespace)).filter(wasKilled).length >= names.length);
}

async function post({ webhookUrl, webhookToken }: LocalStack, name: string): Promise<void> {
  await postNotifications((request) => fetch(request), [aNotification(name, Date.now())], { url: webhookUrl, token: webhookToken });
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + patienceMilliseconds * 3;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`nothing changed within ${(patienceMilliseconds * 3) / 1_000} s`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

/** On the virtual clock, with the specification's minute of monitoring: exact counts, the sweeper's apart. */
async function countOne(): Promise<boolean> {
  let isWithin = false;
  const prepare = async (stack: Parameters<NonNullable<Parameters<typeof playOnVirtualClock>[1]['prepare']>>[0]) =>
    inventHistory(stack.database, stack.clock.now());
  await playOnVirtualClock(readStory(root, 'payment-api-memory'), { root, logger: silentLogger, prepare }, async ({ counts }) => {
    const totals = totalsOf(counts);
    print('\none remediation of one step, a minute of monitoring, counted:');
    print(
      `  ${totals.queueMessages} queue messages (at most ${queueMessagesMax}), ${totals.auditMessages} audit messages, ${totals.functionInvocations} invocations`,
    );
    print(
      `  ${totals.kubernetesRequests} Kubernetes requests (at most ${kubernetesRequestsMax}), the sweeper's ${totals.sweeperRequests} apart: ${verbs(totals.kubernetesRequestsByVerb)}`,
    );
    for (const [name, { records, requests }] of counts.all()) print(`    ${name.padEnd(26)} ${String(records).padStart(3)} messages  ${verbs(requests)}`);
    isWithin = totals.queueMessages <= queueMessagesMax && totals.kubernetesRequests <= kubernetesRequestsMax;
  });
  return isWithin;
}

function verbs(requests: Readonly<Record<string, number>>): string {
  return Object.entries(requests)
    .toSorted(([, a], [, b]) => b - a)
    .map(([verb, count]) => `${count} ${verb}`)
    .join(', ');
}

function percentile(values: readonly number[], percent: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil((percent / 100) * sorted.length) - 1)] ?? 0;
}

process.exitCode = (await bench()) ? 0 : 1;
