import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { alarmsOf } from '../../../infra/cloud/alarms.ts';
import { parseStage } from '../../../infra/cloud/stage.ts';
import type { MemoryQueues } from '../../../infra/local/queue/memory-queues.ts';
import { readServerlessFile } from '../../../infra/local/stack/serverless-file.ts';
import type { StoryStack } from '../../../infra/local/stack/story-stack.ts';
import { inventHistory } from '../../../infra/local/story/history.ts';
import { playOnVirtualClock } from '../../../infra/local/story/play-on-virtual-clock.ts';
import { readStory } from '../../../infra/local/story/story.ts';
import type { LogFields, Logger } from '../../../shared/telemetry/logger.ts';
import { sqsQueues, type BaseClient } from '../../../shared/queue/sqs.ts';
import { root } from '../bench-stack.ts';
import { costOf, pricesSchema, standingCosts, totalOf, type Assumptions, type Usage } from './reckon.ts';

const thousandMax = 0.15; // dollars for 1,000 remediations, warm
// Three to four requests of 10 ms to a cluster across the network, and some 15 ms of CPU at the third of a core that 512 MiB bring: 85, rounded up.
const warm: Assumptions = { invocationMilliseconds: 100, coldStartMilliseconds: 0 };
// Node's start, and an import of 200 to 400 ms of a whole core at a third of one.
const cold: Assumptions = { invocationMilliseconds: 100, coldStartMilliseconds: 1_000 };
const lineBytes = 200; // level, service, time, ids: what powertools adds to a line

/** What AWS would ask for 1,000 remediations of one step, counted on the sandbox and a virtual clock and multiplied by listed prices. Throws past the limit. */
export async function measureCost(print: (line: string) => void): Promise<boolean> {
  const prices = pricesSchema.parse(parse(readFileSync(join(import.meta.dirname, 'prices.yml'), 'utf8')));
  const usage = await countUsage();
  const cost = costOf(usage, prices, warm);
  const thousand = (dollars: number) => `$${(dollars * 1_000).toFixed(4)}`;
  const invocations = usage.functions.reduce((total, each) => total + each.invocations, 0);
  print('\n1,000 remediations of one step with a minute of monitoring, on AWS, before the free tier (test/bench/cost/prices.yml):');
  print(`  counted for one: ${invocations} invocations, ${usage.sendRequests} calls that send, ${usage.logBytes} bytes of log`);
  for (const [part, dollars] of Object.entries(cost)) print(`  ${part.padEnd(16)} ${thousand(dollars)}`);
  print(`  ${'together'.padEnd(16)} ${thousand(totalOf(cost))} (at most $${thousandMax}), ${warm.invocationMilliseconds} ms an invocation assumed`);
  for (const invocationMilliseconds of [50, 200])
    print(`  at ${invocationMilliseconds} ms         ${thousand(totalOf(costOf(usage, prices, { ...warm, invocationMilliseconds })))}`);
  print(`  with a cold start of every function in each: ${thousand(totalOf(costOf(usage, prices, cold)))}`);
  printStanding(print, prices);
  if (totalOf(cost) * 1_000 > thousandMax) throw new Error('1,000 remediations cost more than they may');
  return true;
}

function printStanding(print: (line: string) => void, prices: Parameters<typeof standingCosts>[1]): void {
  const stage = parseStage('kubernaut', 'production', parse(readFileSync(join(root, 'infra/cloud/stages/production.yml'), 'utf8')));
  const { functions, queues } = readServerlessFile(root);
  const sweeperMebibytes = functions.find(({ name }) => name === 'sweeper')?.memoryMebibytes ?? 0;
  const standing = standingCosts(
    { queues: queues.length, sweeperMebibytes, alarms: Object.keys(alarmsOf(stage)).length, secrets: Object.keys(stage.secrets).length },
    prices,
  );
  print('\na month in which nothing happens, the database apart:');
  for (const [part, dollars] of Object.entries(standing)) print(`  ${part.padEnd(28)} $${dollars.toFixed(2)}`);
  print(
    `  ${'together'.padEnd(28)} $${Object.values(standing)
      .reduce((total, dollars) => total + dollars, 0)
      .toFixed(2)}`,
  );
}

async function countUsage(): Promise<Usage> {
  let [sendRequests, logBytes] = [0, 0];
  const sent = () => {
    sendRequests += 1;
  };
  const logger = weighing((bytes) => {
    logBytes += bytes;
  });
  let usage: Usage | undefined;
  const prepare = async ({ database, clock }: StoryStack): Promise<void> => {
    await inventHistory(database, clock.now());
    [sendRequests, logBytes] = [0, 0];
  };
  const disturb = <Calm extends { readonly queues: MemoryQueues }>(calm: Calm) => ({ ...calm, queues: countingSends(calm.queues, sent) });
  await playOnVirtualClock(readStory(root, 'payment-api-memory'), { root, logger, prepare, disturb }, async ({ counts }) => {
    const { functions } = readServerlessFile(root);
    usage = {
      functions: functions
        .filter(({ name }) => name !== 'sweeper') // it runs whether there is a remediation or not
        .map(({ name, memoryMebibytes }) => ({ name, memoryMebibytes, invocations: counts.of(name).invocations, records: counts.of(name).records })),
      sendRequests,
      logBytes,
    };
  });
  if (usage === undefined) throw new Error('the story was not played');
  return usage;
}

/** As many calls as the production adapter makes of a send. */
function countingSends(queues: MemoryQueues, sent: () => void): MemoryQueues {
  const send = (command: { readonly input: { readonly Entries?: readonly object[] } }) => {
    sent();
    return Promise.resolve({ Successful: command.input.Entries ?? [] });
  };
  const counting = sqsQueues({ client: { send: send as BaseClient['send'] }, urlPrefix: 'http://queues.invalid/' });
  return {
    ...queues,
    async send(queue, messages) {
      await counting.send(queue, messages);
      await queues.send(queue, messages);
    },
  };
}

/** A logger of level info that writes nothing and weighs every line. */
function weighing(weigh: (bytes: number) => void): Logger {
  const note = (message: string, fields: LogFields = {}) => weigh(Buffer.byteLength(JSON.stringify({ message, ...fields })) + lineBytes);
  return { debug: () => undefined, info: note, warn: note, error: note };
}
