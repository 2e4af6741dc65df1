import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { totalsOf } from '../../../infra/local/stack/counts.ts';
import { jobKind, listAll, phaseIsTerminal, requestKind, type Followed } from '../../../infra/local/story/observe.ts';
import { kinds } from '../../../shared/api/kinds.ts';
import { controllerOf, type KubernetesObject } from '../../../shared/api/object-ref.ts';
import { queueNames } from '../../../shared/queue/ports.ts';
import { numberAt, stringAt } from '../../../shared/kubernetes/unstructured.ts';
import { benchNamespace } from '../../bench/world.ts';
import { shuffledFaults, strike, type Fault } from '../../support/faults.ts';
import { aFaultsWorld, type FaultsWorld } from '../../support/faults-world.ts';
import { jobRequestsIn } from '../../support/job-creations.ts';
import { growthOf, recordWatcher, type WatcherRecord } from '../../support/watcher-record.ts';

const remediationCount = 200;
const alertPauseMilliseconds = 600; // on two cores about as fast as they are remedied
const faultPauseMillisecondsMax = 6_000;
const calmSecondsMax = 1_200; // what used up its receives while a busy machine answered late comes again after 15 minutes
const progressMilliseconds = 30_000;
const memoryBytesMax = 150 * 1024 * 1024;
const growthBytesMax = 30 * 1024 * 1024;
const megabytes = (bytes: number) => Math.round(bytes / 1024 / 1024);

/** Reasons by which a deadline ends a request, or the step that its message names. On two idle cores none passes; where pods wait minutes for a processor, some do. */
const outOfTime = /\b(?:deadline_exceeded|execution_timeout|health_check_failed)\b/;

const seed = Number(process.env['KUBERNAUT_FAULTS_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
const print = (line: string) => process.stdout.write(`faults: ${line}\n`);

let world: FaultsWorld;
let record: WatcherRecord;
const struck: Fault[] = [];
const names = Array.from({ length: remediationCount }, (_, index) => `app-${String(index).padStart(3, '0')}`);

async function alertAll(): Promise<void> {
  for (const name of names) {
    await world.alert(name);
    await wait(alertPauseMilliseconds);
  }
}

async function strikeAll(): Promise<void> {
  for (const fault of shuffledFaults(world.random)) {
    await wait(1_000 + world.random() * faultPauseMillisecondsMax);
    await strike(fault, world);
    struck.push(fault);
  }
}

const executionKind = { apiVersion: kinds.KubernetesExecution.apiVersion, kind: 'KubernetesExecution' };
const podKind = { apiVersion: 'v1', kind: 'Pod', labelSelector: 'batch.kubernetes.io/job-name' };
const deploymentKind = { apiVersion: 'apps/v1', kind: 'Deployment' };

/** A server that has begun anew answers 429 to the first who lists a kind, until it has read it. */
async function listed(kind: Followed, namespace?: string): Promise<readonly KubernetesObject[]> {
  let all: readonly KubernetesObject[] = [];
  await world.eventually(`${kind.kind} can be listed`, 60, async () => {
    const answer = await listAll(world.stack.admin, kind, namespace).catch(() => null);
    all = answer ?? [];
    return answer !== null;
  });
  return all;
}

/** How many there are of each. */
function tally(words: readonly string[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1;
  return counts;
}

function endOf(object: KubernetesObject): string {
  const [phase, reason] = [stringAt(object, 'status', 'phase') ?? '', stringAt(object, 'status', 'reason') ?? ''];
  return phase === 'completed' ? phase : `${phase} ${reason}`;
}

describe(`${remediationCount} remediations through deaths of API server, etcd and watcher`, () => {
  beforeAll(async () => {
    print(`seed ${seed} (KUBERNAUT_FAULTS_SEED=${seed} strikes the same blows)`);
    const begun = Date.now();
    world = await aFaultsWorld(seed);
    await world.makeSick(names);
    record = recordWatcher(world.watcher);
    print(`${remediationCount} sick Deployments after ${Math.round((Date.now() - begun) / 1_000)} s`);
    const storm = Date.now();
    await Promise.all([alertAll(), strikeAll()]);
    print(`alerts and faults are over after ${Math.round((Date.now() - storm) / 1_000)} s: ${JSON.stringify(tally(struck))}`);
    const calm = Date.now();
    let toldAt = calm;
    const isOver = async () => {
      const all = await listed(requestKind);
      const count = all.filter(phaseIsTerminal).length;
      if (Date.now() - toldAt > progressMilliseconds) {
        toldAt = Date.now();
        print(`${count} of ${all.length} requests are over: ${JSON.stringify(tally(all.map(endOf)))}`);
      }
      return all.length >= remediationCount && count === all.length;
    };
    await world.eventually('every request is over', calmSecondsMax, isOver);
    print(`calm for ${Math.round((Date.now() - calm) / 1_000)} s`);
    await record.stop();
  }, 2_700_000);
  afterAll(async () => {
    for (const [words, count] of [...world.complaints].toSorted(([, a], [, b]) => b - a).slice(0, 12)) print(`${count} × ${words}`);
    await world.close();
  }, 120_000);

  it('loses none: each comes to its end, and to a good one unless time ran out', async () => {
    const all = await listed(requestKind);
    print(`requests: ${JSON.stringify(tally(all.map(endOf)))}`);
    for (const request of all.filter((each) => endOf(each) !== 'completed'))
      print(`${request.metadata.name}: ${endOf(request)}: ${stringAt(request, 'status', 'message') ?? ''}`);
    expect(all).toHaveLength(remediationCount);
    expect(all.filter((request) => !phaseIsTerminal(request)).map(({ metadata }) => metadata.name)).toEqual([]);
    const lost = all.filter((request) => endOf(request) !== 'completed').map((request) => `${endOf(request)}: ${stringAt(request, 'status', 'message')}`);
    expect(lost.filter((end) => !outOfTime.test(end))).toEqual([]);
  });

  it('runs nothing twice: one Job for each execution, one pod for each Job', async () => {
    const [steps, made, pods] = [await listed(executionKind), await listed(jobKind), await listed(podKind)];
    const log = jobRequestsIn(world.jobsLogFile);
    print(`executions ${steps.length}, Jobs ${made.length}, their pods ${pods.length}; audit log: ${log.made.length} Jobs made, ${log.deletions} deletions`);
    const twice = (owned: readonly KubernetesObject[]) =>
      Object.entries(tally(owned.map((each) => controllerOf(each)?.uid ?? 'nobody'))).filter(([, count]) => count > 1);
    expect(twice(made)).toEqual([]);
    expect(twice(pods)).toEqual([]);
    expect(Object.entries(tally(log.made)).filter(([, count]) => count > 1)).toEqual([]);
    expect(log.deletions).toBe(0); // so what is there is all that ever was
    expect(steps.filter((step) => stringAt(step, 'spec', 'rollbackOf') === null).length).toBeLessThanOrEqual(remediationCount);
  });

  it('changes each Deployment once', async () => {
    const completed = (await listed(requestKind))
      .filter((request) => endOf(request) === 'completed')
      .map((request) => stringAt(request, 'spec', 'target', 'name'));
    const changed = (await listed(deploymentKind, benchNamespace)).filter(({ metadata }) => completed.includes(metadata.name));
    expect(changed).toHaveLength(completed.length);
    expect(tally(changed.map((each) => `generation ${numberAt(each, 'metadata', 'generation')}, ${numberAt(each, 'spec', 'replicas')} replicas`))).toEqual({
      'generation 2, 2 replicas': completed.length,
    });
  });

  it('writes the end of each into the audit, and leaves no lock behind', async () => {
    const { database, queues } = world.stack;
    await world.eventually('the audit has been written', 120, async () => (await queues.depth('audit')) === 0);
    const rows = await database.selectFrom('audit_event').select('request_name').where('type', 'in', ['request.completed', 'request.failed']).execute();
    expect(new Set(rows.map((row) => row.request_name)).size).toBe(remediationCount);
    const leases = () => listed({ apiVersion: 'coordination.k8s.io/v1', kind: 'Lease' });
    await world.eventually('every target is free', 180, async () => (await leases()).every(({ metadata }) => !metadata.name.startsWith('target-')));
    const buried = await Promise.all(queueNames.map(async (queue) => [`${queue}-dlq`, await queues.depth(`${queue}-dlq`)] as const));
    print(`dead letters: ${JSON.stringify(Object.fromEntries(buried.filter(([, depth]) => depth > 0)))}`);
    expect(buried.filter(([queue, depth]) => depth > 0 && ['audit-dlq', 'alerts-dlq'].includes(queue))).toEqual([]);
  });

  it('keeps the watcher small', () => {
    const { memory } = record;
    const all = memory.flat();
    const longest = memory.toSorted((a, b) => b.length - a.length)[0] ?? [];
    const { queueMessages, auditMessages, kubernetesRequests } = totalsOf(world.stack.counts);
    print(
      `messages: ${record.forwarded()} forwarded by the watcher, ${queueMessages} received by functions and ${auditMessages} by the audit; ${kubernetesRequests} Kubernetes requests`,
    );
    print(
      `watcher: ${megabytes(all[0] ?? 0)} MB at first, at most ${megabytes(Math.max(...all))} MB, ${megabytes(all.at(-1) ?? 0)} MB at last; its longest life of ${longest.length} s grew by ${megabytes(growthOf(longest))} MB`,
    );
    expect(Math.max(...all)).toBeLessThan(memoryBytesMax);
    expect(growthOf(longest)).toBeLessThan(growthBytesMax);
  });
});
