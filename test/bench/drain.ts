import type { ClusterChoice } from '../../infra/local/stack/cluster-choice.ts';
import type { LocalStack } from '../../infra/local/stack/local-stack.ts';
import { totalsOf } from '../../infra/local/stack/counts.ts';
import { createSimulatedKubectl } from '../../infra/local/node/simulated-kubectl.ts';
import { makeSick, post, withBenchStack } from './bench-stack.ts';
import { countingLogger } from './counting-logger.ts';
import { followEnds, type Ends } from './ends.ts';
import { machineLine } from './machine.ts';
import { percentile } from './percentile.ts';
import { processorSeconds } from './processor-time.ts';
import { aNotification } from './world.ts';

const remediationCount = 500;
const alertsInGroup = 100; // Alertmanager groups by alertname: five groups of a storm, each far below a Lambda event's 6 MiB
const patienceMilliseconds = 1_200_000;
const nodeNames = Array.from({ length: 16 }, (_, index) => `node-${index}`); // 110 pods each: two generations of 500 Deployments, and their Jobs

/** All at once: how fast they go, and what of; a record without a limit. Throws when one of them did not complete. */
export function measureDrain(cluster: ClusterChoice, print: (line: string) => void): Promise<boolean> {
  const troubles = countingLogger();
  return withBenchStack(
    { cluster, monitoringSeconds: 0, logger: troubles.logger, nodes: { names: nodeNames, executor: createSimulatedKubectl } },
    async ({ stack }) => {
      const names = Array.from({ length: remediationCount }, (_, index) => `app-${String(index).padStart(3, '0')}`);
      await makeSick(stack, names);
      print(machineLine(stack.cluster));
      print(`${stack.executor} runs the Jobs on simulated nodes; a queue server and the database are in this process too, whose time is what "ours" counts`);
      const ends = followEnds(stack.admin);
      try {
        await measure(stack, names, { ends, print });
      } finally {
        await ends.stop();
      }
      for (const line of troubles.lines()) print(line);
      const completed = ends.phases().get('completed') ?? 0;
      if (completed !== remediationCount) throw new Error(`${remediationCount - completed} of ${remediationCount} remediations did not complete`);
      return true;
    },
  );
}

interface Measuring {
  readonly ends: Ends;
  readonly print: (line: string) => void;
}

async function measure(stack: LocalStack, names: readonly string[], { ends, print }: Measuring): Promise<void> {
  const before = usageOf(stack);
  const begun = performance.now();
  for (let first = 0; first < names.length; first += alertsInGroup) await post(stack, aNotification(names.slice(first, first + alertsInGroup), Date.now()));
  print(`${names.length} alerts accepted in ${names.length / alertsInGroup} notifications, after ${seconds(performance.now() - begun)}`);
  const isDone = await ends.count(names.length, patienceMilliseconds);
  const elapsed = performance.now() - begun;
  const after = usageOf(stack);
  if (!isDone) print(`  gave up after ${seconds(patienceMilliseconds)}`);
  print(`  ${[...ends.phases()].map(([phase, count]) => `${count} ${phase}`).join(', ')} (all ${names.length} must complete)`);
  for (const [failure, count] of ends.failures()) print(`    ${count} ${failure}`);
  print(`  ${Math.round(ends.ended().length / (elapsed / 60_000))} remediations a minute, all of them in ${seconds(elapsed)}`);
  const lives = ends.ended().map((at) => at - begun);
  print(
    `  from the first POST to its end: p50 ${seconds(percentile(lives, 50))}, p95 ${seconds(percentile(lives, 95))}, slowest ${seconds(Math.max(0, ...lives))}`,
  );
  for (const [name, used] of after) print(`  ${name.padEnd(24)} ${(used - (before.get(name) ?? 0)).toFixed(1).padStart(7)} s of processor`);
  const totals = totalsOf(stack.counts);
  const each = (count: number) => (count / names.length).toFixed(1);
  print(
    `  for each remediation ${each(totals.queueMessages)} queue messages, ${each(totals.auditMessages)} audit messages, ${each(totals.kubernetesRequests)} Kubernetes requests`,
  );
  print(
    `    ${Object.entries(totals.kubernetesRequestsByVerb)
      .map(([verb, count]) => `${each(count)} ${verb}`)
      .join(', ')}`,
  );
}

/** Processor seconds by who used them: this process, and those of a control plane. */
function usageOf({ controlPlane }: LocalStack): ReadonlyMap<string, number> {
  const { user, system } = process.cpuUsage();
  const used = new Map([['ours', (user + system) / 1_000_000]]);
  for (const [program, pid] of Object.entries(controlPlane?.processIds() ?? {})) used.set(program, processorSeconds(pid) ?? 0);
  return used;
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1_000).toFixed(1)} s`;
}
