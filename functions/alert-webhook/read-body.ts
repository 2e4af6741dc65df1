import { jsonFault } from './json-fault.ts';

/** The value of the body, or the status and the sentence that it is refused with. */
export type ReadBody =
  /** `bytesMax`: no message made of parts of it is longer, what is added apart. */
  | { readonly kind: 'read'; readonly value: unknown; readonly bytesMax: number }
  | { readonly kind: 'refused'; readonly status: 400 | 413 | 415; readonly error: string };

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Reads no further than the bound, whatever length was claimed. Bytes that can never be an Alertmanager notification are refused with what to send instead. */
export async function readBody(request: Request, bytesMax: number): Promise<ReadBody> {
  const { headers } = request;
  const encoding = headers.get('content-encoding') ?? 'identity';
  if (encoding.toLowerCase() !== 'identity') {
    return refused(415, 'content-encoding: bodies are taken as they are, as Alertmanager sends them: send it without compression');
  }
  const tooLarge = refused(413, `the body is larger than ${bytesMax} bytes: group by ['...'] so that a notification holds one alert`);
  const claimed = headers.get('content-length');
  if (claimed !== null && Number(claimed) > bytesMax) return tooLarge;
  const bytes = await (claimed === null ? bytesWithin(request.body, bytesMax) : bytesOf(request));
  if (bytes === 'too many' || bytes.length > bytesMax) return tooLarge;
  if (bytes === 'cut off') return refused(400, 'the body ended before its length: send it whole');
  return parsed(bytes);
}

function parsed(bytes: Uint8Array): ReadBody {
  let text: string;
  try {
    text = utf8.decode(bytes);
  } catch {
    return refused(400, 'the body is not UTF-8: JSON travels in UTF-8 only');
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return refused(400, "the body is not JSON: send Alertmanager's own webhook payload, without a template"); // the parser's words would repeat a part of it
  }
  const fault = jsonFault(text);
  return fault === null ? { kind: 'read', value, bytesMax: isLongerInAMessage(text) ? Number.POSITIVE_INFINITY : bytes.length } : refused(400, fault);
}

/** Two characters of three bytes are escapes of six there (messageText). */
function isLongerInAMessage(text: string): boolean {
  return text.includes('\uFFFE') || text.includes('\uFFFF');
}

/** HTTP ends a body at the length that was claimed; read in one piece it costs half of what a stream does. */
async function bytesOf(request: Request): Promise<Uint8Array | 'cut off'> {
  try {
    return new Uint8Array(await request.arrayBuffer());
  } catch {
    return 'cut off'; // whoever sent it went away, or took too long
  }
}

/** Without a length a body could go on for ever. */
async function bytesWithin(body: ReadableStream<Uint8Array> | null, bytesMax: number): Promise<Uint8Array | 'too many' | 'cut off'> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const chunk of body ?? []) {
      length += chunk.length;
      if (length > bytesMax) return 'too many';
      chunks.push(chunk);
    }
  } catch {
    return 'cut off';
  }
  return Buffer.concat(chunks);
}

function refused(status: 400 | 413 | 415, error: string): ReadBody {
  return { kind: 'refused', status, error };
}
