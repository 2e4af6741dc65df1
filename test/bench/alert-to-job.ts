import type { ClusterChoice } from '../../infra/local/stack/cluster-choice.ts';
import { silentLogger } from '../../shared/telemetry/logger.ts';
import { makeSick, post, withBenchStack, type Observed } from './bench-stack.ts';
import type { Moments } from './moments.ts';
import { machineLine } from './machine.ts';
import { measureRoundTrips, passageLines, type Passage } from './passage.ts';
import { percentile } from './percentile.ts';
import { longestChain } from './round-trips.ts';
import { timelineOf } from './timeline.ts';
import { withMoments } from './with-moments.ts';
import { aNotification } from './world.ts';

const count = 10; // each remediation is awaited, a quarter of a minute: the next one then has the stack for itself
const patienceMilliseconds = 60_000;
const p50LimitMilliseconds = 1_000;

type Print = (line: string) => void;

/** One alert after another, each alone on its way to its Job. False: past a limit. */
export function measureAlertToJob(cluster: ClusterChoice, print: Print): Promise<boolean> {
  return withBenchStack({ cluster, monitoringSeconds: 0, logger: silentLogger }, async ({ stack, trips }) => {
    const names = Array.from({ length: count }, (_, index) => `app-${String(index).padStart(2, '0')}`);
    await makeSick(stack, names);
    print(machineLine(stack.cluster));
    const passages = await withMoments(stack.admin, async (moments) => {
      const seen: Passage[] = [];
      for (const name of names) seen.push(await passageOf(name, { stack, moments, trips }));
      return seen;
    });
    const all = passages.map(({ milliseconds }) => milliseconds);
    const p50 = percentile(all, 50);
    print(`alert accepted to Job created, ${count} alerts for ${count} Deployments one after another, ${stack.cluster}, over HTTP and HTTPS:`);
    print(
      `  p50 ${Math.round(p50)} ms, p95 ${Math.round(percentile(all, 95))} ms, max ${Math.round(Math.max(...all))} ms (limit: p50 under ${p50LimitMilliseconds} ms)`,
    );
    for (const line of passageLines(passages)) print(line);
    return p50 < p50LimitMilliseconds;
  });
}

interface Watched extends Observed {
  readonly moments: Moments;
}

/** The round trip is measured right before each alert: a machine that others use is as busy for the one as for the other. */
async function passageOf(name: string, { stack, moments, trips }: Watched): Promise<Passage> {
  const times = await measureRoundTrips(stack.admin);
  await post(stack, aNotification([name], Date.now()));
  const accepted = performance.now();
  const created = await moments.seen(name, 'job created', patienceMilliseconds);
  await moments.seen(name, 'rr completed', patienceMilliseconds); // so that what was measured is of one remediation alone
  return { milliseconds: created - accepted, chain: longestChain(trips.between(accepted, created)), times };
}

/** The specification's rows beside ours, of one remediation with its minute of monitoring. */
export function measureTimeline(cluster: ClusterChoice, print: Print): Promise<void> {
  return withBenchStack({ cluster, monitoringSeconds: 60, logger: silentLogger }, async ({ stack }) => {
    await makeSick(stack, ['timeline']);
    const lines = await withMoments(stack.admin, async (moments) => {
      await post(stack, aNotification(['timeline'], Date.now()));
      await moments.seen('timeline', 'rr completed', patienceMilliseconds * 3);
      return timelineOf(moments, 'timeline');
    });
    print(`\nthe specification's timeline beside ours (one remediation, a minute of monitoring, ${stack.executor}; ~ is the specification's estimate):`);
    for (const line of lines) print(line);
  });
}
