import { Agent } from 'node:https';
import { percentile } from '../percentile.ts';
import type { FrontServer } from './front-server.ts';
import { post, type Posted } from './posted.ts';

export interface FrontLoad {
  /** For the line: `1 alert`. */
  readonly what: string;
  readonly posts: readonly Posted[];
  readonly connections: number;
  readonly ca: string;
  /** Requests to each server before anything is measured: until then V8 still compiles. */
  readonly warmingCount: number;
  readonly rounds: number;
  readonly roundMilliseconds: number;
  /** After each round, outside of what is measured. */
  readonly tidy?: () => Promise<void>;
}

export interface Fronts {
  readonly bare: FrontServer;
  readonly ours: FrontServer;
}

interface Round {
  /** Of the server's thread: what a busy machine cannot take from it. */
  readonly processorMilliseconds: number;
  readonly perSecond: number;
  readonly milliseconds: readonly number[];
}

/** Requests a second to our server over those to the bare one, in short rounds in turns: what else the machine does hits both alike, and the middle ratio forgets the worst. */
export async function compareFronts({ bare, ours }: Fronts, load: FrontLoad, print: (line: string) => void): Promise<number> {
  // Kept for all rounds of a server: fifty handshakes are a third of a short round, and an API server makes them once.
  const agents = new Map([bare, ours].map((server) => [server, new Agent({ keepAlive: true, maxSockets: load.connections, ca: load.ca })]));
  try {
    return await compareOver(agents, { bare, ours }, load, print);
  } finally {
    for (const agent of agents.values()) agent.destroy();
  }
}

async function compareOver(agents: ReadonlyMap<FrontServer, Agent>, { bare, ours }: Fronts, load: FrontLoad, print: (line: string) => void): Promise<number> {
  const found = new Map<FrontServer, Round[]>([
    [bare, []],
    [ours, []],
  ]);
  for (const server of found.keys()) await play(server, agents.get(server), load, (count) => count >= load.warmingCount);
  await load.tidy?.();
  for (let round = 0; round < load.rounds; round += 1) {
    // Who begins changes, so that neither always comes first after the other.
    for (const server of round % 2 === 0 ? [bare, ours] : [ours, bare]) {
      found.get(server)?.push(await play(server, agents.get(server), load, (_count, milliseconds) => milliseconds > load.roundMilliseconds));
      await load.tidy?.();
    }
  }
  const [bareRounds, ourRounds] = [found.get(bare) ?? [], found.get(ours) ?? []];
  const what = `${load.what}, ${load.connections} ${load.connections === 1 ? 'connection' : 'connections'}`.padEnd(28);
  print(`  ${what} ${bare.name.padEnd(9)} ${summary(bareRounds)}`);
  print(`  ${what} ${ours.name.padEnd(9)} ${summary(ourRounds)}`);
  const ratios = ourRounds.map(({ perSecond }, index) => perSecond / (bareRounds[index]?.perSecond ?? Number.NaN));
  const ratio = percentile(ratios, 50);
  const slower = (percent: number) => (times(ourRounds, percent) / times(bareRounds, percent)).toFixed(2);
  print(
    `  ${what} ratio ${ratio.toFixed(2)} (from ${percentile(ratios, 10).toFixed(2)} to ${percentile(ratios, 90).toFixed(2)} without the tenth of the rounds at either end); p50 ${slower(50)} and p99 ${slower(99)} times as long`,
  );
  return ratio;
}

function summary(rounds: readonly Round[]): string {
  const perSecond = percentile(
    rounds.map((round) => round.perSecond),
    50,
  );
  const count = rounds.reduce((sum, { milliseconds }) => sum + milliseconds.length, 0);
  const processor = rounds.reduce((sum, round) => sum + round.processorMilliseconds, 0) / count;
  return `${String(Math.round(perSecond)).padStart(5)} a second, p50 ${times(rounds, 50).toFixed(2)} ms, p99 ${times(rounds, 99).toFixed(2)} ms, CPU ${processor.toFixed(2)} ms each`;
}

function times(rounds: readonly Round[], percent: number): number {
  return percentile(
    rounds.flatMap(({ milliseconds }) => milliseconds),
    percent,
  );
}

/** Asks on each connection one after another, until enough was answered. */
async function play(
  { port, worker }: FrontServer,
  agent: Agent | undefined,
  { posts, connections }: FrontLoad,
  isEnough: (count: number, milliseconds: number) => boolean,
): Promise<Round> {
  if (agent === undefined) throw new Error('the server has no connections');
  const milliseconds: number[] = [];
  const before = await worker.cpuUsage();
  const began = performance.now();
  await Promise.all(
    Array.from({ length: connections }, async (_, lane) => {
      for (let turn = lane; !isEnough(milliseconds.length, performance.now() - began); turn += 1) {
        const posted = posts[turn % posts.length];
        if (posted === undefined) throw new Error('there is nothing to post');
        const asked = performance.now();
        await post(agent, port, posted);
        milliseconds.push(performance.now() - asked);
      }
    }),
  );
  const perSecond = milliseconds.length / ((performance.now() - began) / 1_000);
  const { user, system } = await worker.cpuUsage(before);
  return { perSecond, milliseconds, processorMilliseconds: (user + system) / 1_000 };
}
