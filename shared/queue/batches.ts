/** What SQS takes in one SendMessageBatch. */
const batchCountMax = 10;
const batchBytesMax = 1_048_576;

export interface Sized<Item> {
  readonly item: Item;
  readonly bytes: number;
}

/** In order, each batch within both bounds. An item that is too large by itself goes alone: the queue refuses it, and nothing else with it. */
export function inBatches<Item>(items: readonly Sized<Item>[]): readonly (readonly Item[])[] {
  const batches: Item[][] = [];
  let room = 0;
  for (const { item, bytes } of items) {
    const current = batches.at(-1);
    if (current === undefined || current.length === batchCountMax || bytes > room) {
      batches.push([item]);
      room = batchBytesMax - bytes;
    } else {
      current.push(item);
      room -= bytes;
    }
  }
  return batches;
}
