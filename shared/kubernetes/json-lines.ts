import type { JsonValue } from '../api/json.ts';

const lineCharactersMax = 4 * 1024 * 1024; // an object is at most about 1.5 MiB in etcd

/** Parses newline-delimited JSON as it arrives. An aborted signal or a closed connection ends the iteration; a line that is no JSON throws. */
export async function* jsonLines(chunks: AsyncIterable<Uint8Array>, signal: AbortSignal): AsyncGenerator<JsonValue> {
  const decoder = new TextDecoder();
  let pending = '';
  try {
    for await (const chunk of chunks) {
      pending += decoder.decode(chunk, { stream: true });
      const lines = pending.split('\n');
      pending = lines.pop() ?? '';
      if (pending.length > lineCharactersMax) throw new Error(`a watch line is longer than ${lineCharactersMax} characters`);
      yield* lines.filter((line) => line !== '').map((line) => JSON.parse(line) as JsonValue);
    }
  } catch (error) {
    if (signal.aborted || isClosedConnection(error)) return;
    throw error;
  }
}

function isClosedConnection(error: unknown): boolean {
  const code = (error as { readonly code?: string }).code;
  return code === 'ECONNRESET' || code === 'ERR_STREAM_PREMATURE_CLOSE' || code === 'ABORT_ERR';
}
