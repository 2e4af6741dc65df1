import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { Writable } from 'node:stream';
import { isJsonObject, type JsonValue } from '../../../shared/api/json.ts';
import type { ApiResponse, WatchEvent } from '../../../shared/kubernetes/request.ts';
import { warningHeaders } from './https-warnings.ts';

const discoveryType = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';

/** One answer. `closing`: the connection ends with it, because its request was not read to the end. */
export function sendResponse(response: ServerResponse, { status, body, retryAfterSeconds, warnings }: ApiResponse, { closing = false } = {}): void {
  const text = typeof body === 'string' ? body : `${JSON.stringify(body)}\n`;
  response.statusCode = status;
  response.setHeader('Content-Type', contentTypeOf(body));
  response.setHeader('Content-Length', Buffer.byteLength(text));
  response.setHeader('Cache-Control', 'no-cache, private');
  if (retryAfterSeconds !== undefined) response.setHeader('Retry-After', String(retryAfterSeconds));
  if (warnings !== undefined) response.setHeader('Warning', warningHeaders(warnings));
  if (closing) response.setHeader('Connection', 'close');
  response.end(text);
}

/** kubectl believes that a discovery document is the aggregated one only when its type says so. */
function contentTypeOf(body: JsonValue): string {
  if (typeof body === 'string') return 'text/plain; charset=utf-8';
  return isJsonObject(body) && body['kind'] === 'APIGroupDiscoveryList' ? discoveryType : 'application/json';
}

/** The part of a ServerResponse that a watch writes to. */
export type EventSink = Writable & { writeHead(status: number, headers: Readonly<Record<string, string>>): unknown; flushHeaders(): void };

/** Events as lines of JSON until the server ends the watch or the client goes. A slow client makes the events wait, not the memory grow. */
export async function sendEvents(response: EventSink, events: AsyncIterable<WatchEvent>, signal: AbortSignal): Promise<void> {
  response.writeHead(200, { 'Content-Type': 'application/json', 'Cache-Control': 'no-cache, private' });
  response.flushHeaders();
  for await (const event of events) {
    if (signal.aborted) break;
    const hasRoom = response.write(`${JSON.stringify(event)}\n`);
    if (!hasRoom) await once(response, 'drain', { signal }).catch(() => undefined); // aborted: the next turn ends the loop
  }
  response.end();
}
