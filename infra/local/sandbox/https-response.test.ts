import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { WatchEvent } from '../../../shared/kubernetes/request.ts';
import { sendEvents, type EventSink } from './https-response.ts';

/** A client that takes one line at a time, when it is told to. */
function slowClient() {
  const taking: (() => void)[] = [];
  const stream = new Writable({ highWaterMark: 1, write: (_chunk, _encoding, taken) => void taking.push(taken) });
  const sink: EventSink = Object.assign(stream, { writeHead: () => undefined, flushHeaders: () => undefined });
  return { sink, take: () => taking.shift()?.() };
}

describe('sendEvents', () => {
  it('asks for the next event only when the client has taken the last', async () => {
    let asked = 0;
    async function* endless(): AsyncGenerator<WatchEvent> {
      for (;;) {
        asked += 1;
        yield { type: 'BOOKMARK', object: {} };
      }
    }
    const { sink, take } = slowClient();
    const aborted = new AbortController();
    const sent = sendEvents(sink, endless(), aborted.signal);
    const settled = async (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));
    await settled();
    expect(asked).toBe(1);
    take();
    await settled();
    expect(asked).toBe(2);
    aborted.abort();
    await sent;
    expect(asked).toBeLessThanOrEqual(3);
  });
});
