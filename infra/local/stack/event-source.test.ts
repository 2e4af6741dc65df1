import type { SQSEvent } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import { createMemoryQueues } from '../queue/memory-queues.ts';
import { createVirtualClock } from '../virtual-clock.ts';
import { runEventSource, type InvocationReport, type QueueFunction } from './event-source.ts';
import type { QueueSource } from './serverless-file.ts';

const start = '2026-01-15T10:00:00Z';

/** A function on the alerts queue, on a virtual clock. */
function aSource(source: Partial<QueueSource>, invoke: QueueFunction) {
  const clock = createVirtualClock({ start });
  const queues = createMemoryQueues(clock, [{ name: 'alerts', visibilitySeconds: 30, receivesMax: 3 }]);
  const definition = {
    name: 'alert-intake',
    module: 'functions/alert-intake/handler',
    timeoutSeconds: 30,
    environment: {},
    everySeconds: null,
    memoryMebibytes: 256,
    isHttp: false,
    source: { queue: 'alerts' as const, batchSize: 10, batchWindowSeconds: 0, concurrencyMax: 5, ...source },
  };
  const reports: InvocationReport[] = [];
  const errors: unknown[] = [];
  const options = {
    clock,
    receiver: queues,
    definition,
    invoke,
    invoked: (report: InvocationReport) => void reports.push(report),
    failed: (error: unknown) => void errors.push(error),
  };
  const stopping = new AbortController();
  return { clock, queues, reports, errors, options, run: (receiver = options.receiver) => runEventSource({ ...options, receiver }, stopping.signal), stopping };
}

const succeeds: QueueFunction = async () => ({ batchItemFailures: [] });
const bodiesOf = ({ Records }: SQSEvent) => Records.map(({ body }) => body);

describe('the event source of a function', () => {
  it('deletes what was handled, and leaves what was returned to the queue', async () => {
    const seen: string[][] = [];
    const { clock, queues, reports, run } = aSource({}, async (event) => {
      seen.push(bodiesOf(event));
      const [first] = event.Records;
      return { batchItemFailures: seen.length === 1 && first !== undefined ? [{ itemIdentifier: first.messageId }] : [] };
    });
    await queues.send('alerts', [{ body: 1 }, { body: 2 }]);
    void run();
    await clock.run(async () => (await queues.depth('alerts')) === 0, { virtualSeconds: 60 });
    expect(seen).toEqual([['1', '2'], ['1']]);
    expect(reports.map(({ records, failures }) => [records, failures])).toEqual([
      [2, 1],
      [1, 0],
    ]);
  });

  it('leaves the whole batch to the queue when the function throws', async () => {
    let calls = 0;
    const { clock, queues, errors, run } = aSource({}, async () => {
      calls += 1;
      if (calls === 1) throw new Error('out of memory');
      return { batchItemFailures: [] };
    });
    await queues.send('alerts', [{ body: 1 }]);
    void run();
    await clock.run(() => calls === 2, { virtualSeconds: 60 });
    expect([errors.map(String), clock.now()]).toEqual([['Error: out of memory'], '2026-01-15T10:00:30Z']);
  });

  it('waits for its batching window, and no longer', async () => {
    const batches: [string, number][] = [];
    const { clock, queues, run } = aSource({ batchSize: 100, batchWindowSeconds: 5 }, async ({ Records }) => {
      batches.push([clock.now(), Records.length]);
      return { batchItemFailures: [] };
    });
    await queues.send('alerts', [{ body: 'at once' }, { body: 'in time', delaySeconds: 4 }, { body: 'late', delaySeconds: 6 }]);
    void run();
    await clock.run(() => batches.length === 2, { virtualSeconds: 60 });
    expect(batches).toEqual([
      ['2026-01-15T10:00:05Z', 2],
      ['2026-01-15T10:00:11Z', 1],
    ]);
  });

  it('does not wait when the batch is full, and puts more than ten into a large one', async () => {
    const batches: [string, number][] = [];
    const { clock, queues, run } = aSource({ batchSize: 25, batchWindowSeconds: 5 }, async ({ Records }) => {
      batches.push([clock.now(), Records.length]);
      return { batchItemFailures: [] };
    });
    await queues.send(
      'alerts',
      Array.from({ length: 30 }, (_, n) => ({ body: n })),
    );
    void run();
    await clock.run(() => batches.length === 2, { virtualSeconds: 60 });
    expect(batches).toEqual([
      [start, 25],
      ['2026-01-15T10:00:05Z', 5],
    ]);
  });

  it('runs no more invocations at once than the function allows', async () => {
    let [running, most] = [0, 0];
    const { clock, queues, run } = aSource({ batchSize: 1, concurrencyMax: 2 }, async () => {
      running += 1;
      most = Math.max(most, running);
      await clock.sleep(1_000);
      running -= 1;
      return { batchItemFailures: [] };
    });
    await queues.send('alerts', [{ body: 1 }, { body: 2 }, { body: 3 }, { body: 4 }, { body: 5 }]);
    void run();
    await clock.run(async () => (await queues.depth('alerts')) === 0, { virtualSeconds: 60 });
    expect([most, clock.now()]).toEqual([2, '2026-01-15T10:00:03Z']);
  });

  it('asks a queue that is away again each second, and goes on when it is back', async () => {
    const { clock, queues, errors, reports, run } = aSource({}, succeeds);
    await queues.send('alerts', [{ body: 1 }]);
    let failures = 3;
    void run({
      ...queues,
      receive(...given) {
        failures -= 1;
        return failures >= 0 ? Promise.reject(new Error('connection refused')) : queues.receive(...given);
      },
    });
    await clock.run(() => reports.length === 1, { virtualSeconds: 60 });
    expect([errors.length, clock.now()]).toEqual([3, '2026-01-15T10:00:03Z']);
  });

  it('ends when it is told to, after what it has begun', async () => {
    const did: string[] = [];
    const { clock, queues, run, stopping } = aSource({}, async () => {
      did.push(`begun ${clock.now()}`);
      await clock.sleep(2_000);
      did.push(`done ${clock.now()}`);
      return { batchItemFailures: [] };
    });
    await queues.send('alerts', [{ body: 1 }]);
    const running = run().then(() => did.push('ended'));
    await clock.run(() => did.length === 1, { virtualSeconds: 60 });
    stopping.abort();
    await clock.run(() => did.includes('ended'), { virtualSeconds: 60 });
    await running;
    expect([did, await queues.depth('alerts')]).toEqual([[`begun ${start}`, 'done 2026-01-15T10:00:02Z', 'ended'], 0]);
  });
});
