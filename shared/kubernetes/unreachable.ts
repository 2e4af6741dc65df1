import { valueAt } from './unstructured.ts';

/** Nobody answered, or not the server that is meant. The same call may succeed later. */
export class ClusterUnreachable extends Error {
  override readonly name = 'ClusterUnreachable';
}

const away = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'ETIMEDOUT', 'ABORT_ERR', 'EPROTO'];
const stranger = [
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'CERT_HAS_EXPIRED',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'ERR_SSL_WRONG_VERSION_NUMBER',
];
const causesMax = 5;

/** Trouble in reaching a server gets its remedy; any other stays as it is. */
export function unreachable(error: unknown, remedy: string): unknown {
  if (!(error instanceof Error) || !codesOf(error).some((code) => away.includes(code) || stranger.includes(code))) return error;
  const told = isOfAStranger(error) ? 'its certificate is not the one of the given certificate authority: take both from the same cluster' : remedy;
  return new ClusterUnreachable(`${error.message}: ${told}`, { cause: error });
}

/** Somebody answers, whose certificate is not of the authority that was given. */
export function isOfAStranger(error: unknown): boolean {
  return codesOf(error).some((code) => stranger.includes(code));
}

function codesOf(error: unknown): readonly string[] {
  const codes: string[] = [];
  let current: unknown = error;
  for (let depth = 0; depth < causesMax && current instanceof Error; depth += 1) {
    const code = valueAt(current, 'code');
    if (typeof code === 'string') codes.push(code);
    current = current.cause;
  }
  return codes;
}
