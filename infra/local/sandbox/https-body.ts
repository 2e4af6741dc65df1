import type { IncomingMessage } from 'node:http';
import { parse as parseYaml } from 'yaml';
import type { JsonValue } from '../../../shared/api/json.ts';
import type { PatchType } from '../../../shared/kubernetes/request.ts';
import { objectFromProtobuf } from './https-protobuf.ts';
import { badRequest, StatusError, unsupportedMediaType } from './status-object.ts';

export const bodyBytesMax = 3 * 1024 * 1024; // as a kube-apiserver: twice what etcd would store

const patchTypes: readonly PatchType[] = [
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
  'application/apply-patch+yaml',
];
const protobufType = 'application/vnd.kubernetes.protobuf';
const objectTypes = ['application/json', 'application/yaml', protobufType];

/** The media type of a body; JSON when the client says nothing. */
function mediaTypeOf({ headers }: Pick<IncomingMessage, 'headers'>): string {
  const [type = ''] = (headers['content-type'] ?? '').split(';');
  return type.trim().toLowerCase() || 'application/json';
}

/** Throws a 415 for a PATCH that does not say how it is meant. */
export function patchTypeOf(request: Pick<IncomingMessage, 'headers'>): PatchType {
  const type = mediaTypeOf(request);
  const known = patchTypes.find((candidate) => candidate === type);
  if (known === undefined) throw unsupportedMediaType(patchTypes);
  return known;
}

/** Reads and parses a body; undefined for none. Throws a 413 above the bound, a 415 for what nobody reads, a 400 for what does not parse. */
export async function readBody(request: IncomingMessage): Promise<JsonValue | undefined> {
  const bytes = await readBytes(request);
  if (bytes.length === 0) return undefined;
  const type = mediaTypeOf(request);
  const accepted: readonly string[] = request.method === 'PATCH' ? patchTypes : objectTypes;
  if (!accepted.includes(type)) throw unsupportedMediaType(accepted);
  try {
    return parse(type, bytes);
  } catch (error) {
    throw badRequest(`the body of the request cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function parse(type: string, bytes: Buffer): JsonValue {
  if (type === protobufType) return objectFromProtobuf(bytes);
  return type.endsWith('yaml') ? parseYaml(bytes.toString('utf8')) : JSON.parse(bytes.toString('utf8'));
}

async function readBytes(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  // To leave the loop must not destroy the request: the socket would go with it, and the answer too.
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    const piece = Buffer.from(chunk);
    bytes += piece.length;
    if (bytes > bodyBytesMax) throw tooLarge();
    chunks.push(piece);
  }
  return Buffer.concat(chunks);
}

function tooLarge(): StatusError {
  return new StatusError({ code: 413, reason: 'RequestEntityTooLarge', message: `Request entity too large: limit is ${bodyBytesMax}` });
}
