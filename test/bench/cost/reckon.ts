import { z } from 'zod';

export const pricesSchema = z.strictObject({
  lambdaPerMillionRequests: z.number(),
  lambdaPerGibibyteSecond: z.number(),
  sqsPerMillionRequests: z.number(),
  logsPerGigabyte: z.number(),
  metricPerMonth: z.number(),
  alarmPerMonth: z.number(),
  dashboardPerMonth: z.number(),
  secretPerMonth: z.number(),
});
export type Prices = z.infer<typeof pricesSchema>;

/** What one remediation was counted to ask for. */
export interface Usage {
  readonly functions: readonly { readonly name: string; readonly invocations: number; readonly records: number; readonly memoryMebibytes: number }[];
  /** Calls that send, of functions and watcher: a batch is one. */
  readonly sendRequests: number;
  /** Of our own lines. */
  readonly logBytes: number;
}

export interface Assumptions {
  /** Billed for an invocation, in milliseconds. */
  readonly invocationMilliseconds: number;
  /** Billed for a cold start, in milliseconds; of every function once. 0: none. */
  readonly coldStartMilliseconds: number;
}

/** Dollars of one remediation. */
export interface Cost {
  readonly lambdaRequests: number;
  readonly lambdaDuration: number;
  readonly sqs: number;
  readonly logs: number;
}

const platformBytes = 400; // START, END and REPORT, that Lambda writes about every invocation
const deleteBatchMax = 10;

export function costOf({ functions, sendRequests, logBytes }: Usage, prices: Prices, { invocationMilliseconds, coldStartMilliseconds }: Assumptions): Cost {
  const invocations = sum(functions.map((each) => each.invocations));
  const gibibyteSeconds = sum(
    functions.map(
      ({ invocations: count, memoryMebibytes }) =>
        ((count * invocationMilliseconds + (count > 0 ? coldStartMilliseconds : 0)) / 1_000) * (memoryMebibytes / 1_024),
    ),
  );
  // A poll brings what an invocation gets, and what was handled is deleted ten at a time.
  const polls = sum(functions.map(({ invocations: count, records }) => (records === 0 ? 0 : count + Math.max(count, Math.ceil(records / deleteBatchMax)))));
  return {
    lambdaRequests: (invocations * prices.lambdaPerMillionRequests) / 1e6,
    lambdaDuration: gibibyteSeconds * prices.lambdaPerGibibyteSecond,
    sqs: ((sendRequests + polls) * prices.sqsPerMillionRequests) / 1e6,
    logs: ((logBytes + invocations * platformBytes) / 1e9) * prices.logsPerGigabyte,
  };
}

export function totalOf(cost: Cost): number {
  return sum(Object.values(cost));
}

export interface Standing {
  readonly queues: number;
  readonly sweeperMebibytes: number;
  readonly alarms: number;
  readonly secrets: number;
}

const secondsOfMonth = 30 * 24 * 3_600;
const pollsAtOnce = 5; // Lambda keeps five long polls of 20 s at an idle queue
const pollSeconds = 20;
const sweepMilliseconds = 500;

/** Dollars of a month in which nothing happens, before the free tier, which covers most of it. */
export function standingCosts({ queues, sweeperMebibytes, alarms, secrets }: Standing, prices: Prices): Readonly<Record<string, number>> {
  const sweeps = secondsOfMonth / 60;
  const polls = (queues * pollsAtOnce * secondsOfMonth) / pollSeconds;
  const sweepSeconds = (sweeps * sweepMilliseconds) / 1_000;
  return {
    'polling idle queues': (polls * prices.sqsPerMillionRequests) / 1e6,
    'the sweeper, every minute': (sweeps * prices.lambdaPerMillionRequests) / 1e6 + sweepSeconds * (sweeperMebibytes / 1_024) * prices.lambdaPerGibibyteSecond,
    [`${alarms} alarms`]: alarms * prices.alarmPerMonth,
    'the dashboard': prices.dashboardPerMonth,
    [`${secrets} secrets`]: secrets * prices.secretPerMonth,
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
