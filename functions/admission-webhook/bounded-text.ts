import type { HonoRequest } from 'hono';

/**
 * The body as text; null when it is larger. Who says the length beforehand, as an API server does, is believed: HTTP ends the body there.
 * Hono's own bodyLimit would turn each body into a stream first, which costs as much as everything else that a review costs.
 */
export async function boundedText(request: Pick<HonoRequest, 'header' | 'text' | 'raw'>, bytesMax: number): Promise<string | null> {
  const declared = request.header('content-length');
  if (declared === undefined) return streamedText(request.raw.body, bytesMax);
  return Number(declared) > bytesMax ? null : request.text();
}

/** Reads no further than the bound: a body without a length could go on for ever. */
async function streamedText(body: ReadableStream<Uint8Array> | null, bytesMax: number): Promise<string | null> {
  const decoder = new TextDecoder();
  let text = '';
  let bytes = 0;
  for await (const chunk of body ?? []) {
    bytes += chunk.length;
    if (bytes > bytesMax) return null;
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}
