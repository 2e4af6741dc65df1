import type { Clock } from '../../../shared/clock.ts';
import { queueNames, type QueueName } from '../../../shared/queue/ports.ts';
import { printJson, printLines, type OutputFormat } from '../operator/output.ts';
import { textTable } from '../operator/text-table.ts';
import { deadLetterOf, whyOf, type DeadLetter } from './dead-letter.ts';
import { moveByHand, moveByTask, peek } from './move.ts';
import { countsOf } from './numbers.ts';
import type { Stage } from './stage.ts';

export interface RedriveOptions {
  /** Absent: all of them. */
  readonly queue?: QueueName;
  /** Of each queue; absent: all. */
  readonly limit?: number;
  readonly dryRun: boolean;
  readonly output: OutputFormat;
}

interface Redriven {
  readonly queue: QueueName;
  /** As many as were there, or, when only looked at, as would be moved. */
  readonly count: number;
  /** What they are; of many the first hundred. */
  readonly letters: readonly DeadLetter[];
}

const lettersMax = 100; // what a person reads

/** Sends dead letters to their queues again, and says what they were. Nothing is lost when it is interrupted: what was not yet moved is still there. */
export async function redrive(stage: Stage, options: RedriveOptions, clock: Clock): Promise<number> {
  const redriven: Redriven[] = [];
  for (const queue of options.queue === undefined ? queueNames : [options.queue]) {
    const { visible } = await countsOf(stage, `${queue}-dlq`);
    const count = Math.min(visible, options.limit ?? Infinity);
    if (count > 0) redriven.push(options.dryRun ? await look(stage, queue, count) : await move(stage, queue, { ...options, count }, clock));
  }
  print(redriven, options);
  return 0;
}

async function look(stage: Stage, queue: QueueName, count: number): Promise<Redriven> {
  const messages = await peek(stage, queue, Math.min(count, lettersMax));
  return { queue, count, letters: messages.map((message) => deadLetterOf(queue, message)) };
}

/** What comes back as a dead letter while this goes on is not taken again: only as many are moved as were there. */
async function move(stage: Stage, queue: QueueName, { limit, count }: RedriveOptions & { readonly count: number }, clock: Clock): Promise<Redriven> {
  if (limit === undefined) {
    const { letters } = await look(stage, queue, count);
    const moved = await moveByTask(stage, queue, clock);
    if (moved !== null) return { queue, count: moved, letters };
  }
  const letters: DeadLetter[] = [];
  let moved = 0;
  await moveByHand(stage, queue, count, (message) => {
    moved += 1;
    if (letters.length < lettersMax) letters.push(deadLetterOf(queue, message));
  });
  return { queue, count: moved, letters };
}

function print(redriven: readonly Redriven[], { dryRun, output }: RedriveOptions): void {
  if (output === 'json') printJson({ dryRun, items: redriven });
  else printLines(redriveText(redriven, dryRun));
}

/** Pure. */
export function redriveText(redriven: readonly Redriven[], dryRun: boolean): readonly string[] {
  const total = redriven.reduce((sum, { count }) => sum + count, 0);
  if (total === 0) return ['no dead letters wait'];
  const letters = redriven.flatMap((each) => each.letters);
  const table = textTable(
    ['QUEUE', 'SENT', 'ABOUT', 'WHY'],
    letters.map((letter) => [letter.queue, letter.sentAt ?? '-', letter.about, whyOf(letter)]),
  );
  const unread = total - letters.length;
  const counted = total === 1 ? '1 dead letter' : `${total} dead letters`;
  return [
    ...table,
    ...(unread > 0 ? [`and ${unread} more`] : []),
    '',
    dryRun ? `${counted} would be sent again: npx kubernaut redrive does it` : `${counted} sent again: npx kubernaut queues shows whether they come back`,
  ];
}
