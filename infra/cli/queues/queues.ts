import { setTimeout as wait } from 'node:timers/promises';
import { formatDuration } from '../../../shared/api/time.ts';
import { printJson, printLines, type OutputFormat } from '../operator/output.ts';
import { textTable } from '../operator/text-table.ts';
import { readNumbers, type QueueNumbers } from './numbers.ts';
import type { Stage } from './stage.ts';

export interface QueuesOptions {
  readonly output: OutputFormat;
  readonly watch: boolean;
  readonly signal: AbortSignal;
}

const everyMilliseconds = 2_000; // SQS's own numbers lag behind by more than that

/** Prints how full the queues are; with `watch` again and again, until the signal aborts. */
export async function queues(stage: Stage, { output, watch, signal }: QueuesOptions): Promise<number> {
  for (let first = true; ; first = false) {
    const numbers = await readNumbers(stage);
    if (!first && output === 'text') console.log('');
    print(numbers, output);
    if (!watch) return 0;
    await wait(everyMilliseconds, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
}

function print(numbers: readonly QueueNumbers[], output: OutputFormat): void {
  if (output === 'json') printJson({ items: numbers });
  else printLines(queuesTable(numbers));
}

/** Pure. */
export function queuesTable(numbers: readonly QueueNumbers[]): readonly string[] {
  const rows = numbers.map(({ name, visible, inFlight, delayed, oldestSeconds, deadLetters }) => [
    name,
    ...[visible, inFlight, delayed].map(String),
    oldestSeconds === null ? '-' : formatDuration(oldestSeconds),
    String(deadLetters),
  ]);
  const dead = numbers.reduce((sum, { deadLetters }) => sum + deadLetters, 0);
  const table = textTable(['QUEUE', 'VISIBLE', 'IN FLIGHT', 'DELAYED', 'OLDEST', 'DEAD LETTERS'], rows);
  return dead === 0 ? table : [...table, '', `${dead === 1 ? '1 dead letter waits' : `${dead} dead letters wait`}: npx kubernaut redrive --dry-run says why`];
}
