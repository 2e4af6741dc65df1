import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { costOf, pricesSchema, standingCosts, totalOf, type Prices } from './reckon.ts';

const prices: Prices = {
  lambdaPerMillionRequests: 0.2,
  lambdaPerGibibyteSecond: 0.00001,
  sqsPerMillionRequests: 0.4,
  logsPerGigabyte: 0.5,
  metricPerMonth: 0.3,
  alarmPerMonth: 0.1,
  dashboardPerMonth: 3,
  secretPerMonth: 0.4,
};
const warm = { invocationMilliseconds: 100, coldStartMilliseconds: 0 };

describe('what a remediation costs', () => {
  it('is requests, gibibyte-seconds, calls to the queue and bytes of log', () => {
    const functions = [
      { name: 'front', invocations: 1, records: 0, memoryMebibytes: 256 },
      { name: 'worker', invocations: 10, records: 25, memoryMebibytes: 512 },
    ];
    const cost = costOf({ functions, sendRequests: 20, logBytes: 5_600 }, prices, warm);
    expect(cost.lambdaRequests).toBeCloseTo((11 * 0.2) / 1e6, 12);
    expect(cost.lambdaDuration).toBeCloseTo((0.1 * 0.25 + 1 * 0.5) * 0.00001, 12);
    expect(cost.sqs).toBeCloseTo((40 * 0.4) / 1e6, 12); // 20 sent, 10 polls, 10 deletes
    expect(cost.logs).toBeCloseTo((10_000 / 1e9) * 0.5, 12);
    expect(totalOf(cost)).toBeCloseTo(cost.lambdaRequests + cost.lambdaDuration + cost.sqs + cost.logs, 15);
  });

  it('counts a cold start of each function that ran', () => {
    const functions = [
      { name: 'ran', invocations: 1, records: 1, memoryMebibytes: 1_024 },
      { name: 'rested', invocations: 0, records: 0, memoryMebibytes: 1_024 },
    ];
    const cost = costOf({ functions, sendRequests: 0, logBytes: 0 }, prices, { invocationMilliseconds: 0, coldStartMilliseconds: 2_000 });
    expect(cost.lambdaDuration).toBeCloseTo(2 * 0.00001, 12);
  });

  it('is also what stands there when nothing happens', () => {
    const costs = standingCosts({ queues: 7, sweeperMebibytes: 512, alarms: 43, secrets: 4 }, prices);
    expect(costs).toMatchObject({ '43 alarms': 4.3, 'the dashboard': 3, '4 secrets': 1.6 });
    expect(costs['polling idle queues']).toBeCloseTo((7 * 5 * 129_600 * 0.4) / 1e6, 6);
  });

  it('has prices that say of which day they are, and where to compare them', () => {
    const text = readFileSync(join(import.meta.dirname, 'prices.yml'), 'utf8');
    expect(pricesSchema.safeParse(parse(text)).success).toBe(true);
    expect(text).toMatch(/As of \d{4}-\d{2}-\d{2}\..*aws\.amazon\.com/);
  });
});
