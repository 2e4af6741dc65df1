import { KubeConfig } from '@kubernetes/client-node';
import * as z from 'zod';
import { isJsonObject, type JsonValue } from '../api/json.ts';
import type { Clock } from '../clock.ts';
import { EnvironmentInvalid } from '../environment.ts';
import { KubeconfigInvalid, parsePortableKubeconfig } from './kubeconfig.ts';
import type { Transport } from './request.ts';

const tokenSecretSchema = z.object({
  server: z.url({ protocol: /^https$/, error: 'must be the https URL of the API server' }),
  'certificate-authority-data': z.base64({ error: 'must be PEM in base64, as in a kubeconfig' }).optional(),
  token: z.string({ error: 'is missing' }).min(1, 'is empty'),
});

/**
 * What a secret says of a cluster: a kubeconfig, or JSON with `server`, `certificate-authority-data` and `token`, as whoever rotates a ServiceAccount's token finds it easier to write.
 * `variable` is what a sentence about it begins with. Throws EnvironmentInvalid.
 */
export function parseClusterSecret(variable: string, text: string): KubeConfig {
  const document = parseJson(text);
  try {
    return isJsonObject(document) && !('clusters' in document) ? tokenKubeconfig(document) : parsePortableKubeconfig(text);
  } catch (cause) {
    if (!(cause instanceof KubeconfigInvalid)) throw cause;
    throw new EnvironmentInvalid(`${variable}: the secret cannot be used: ${cause.message}`, { cause });
  }
}

const rereadMilliseconds = 300_000; // a rotated secret is seen within five minutes, and at once when the old one is refused
const afterFailureMilliseconds = 60_000;

/** Transports by a secret that is read again from time to time; the same one as long as its text is the same, since it holds connections. */
export function secretTransports(read: () => Promise<string>, open: (text: string) => Transport, clock: Clock): (refused: boolean) => Promise<Transport> {
  let held: { readonly text: string; readonly transport: Transport } | undefined;
  let readAtMilliseconds = 0;
  let reading: Promise<Transport> | undefined;
  const readAnew = async (): Promise<Transport> => {
    try {
      const text = await read();
      if (held?.text !== text) held = { text, transport: open(text) };
      readAtMilliseconds = clock.milliseconds() + rereadMilliseconds;
      return held.transport;
    } finally {
      reading = undefined;
    }
  };
  return async (refused) => {
    if (held !== undefined && !refused && clock.milliseconds() < readAtMilliseconds) return held.transport;
    reading ??= readAnew();
    try {
      return await reading;
    } catch (error) {
      if (held === undefined || refused) throw error;
      // What worked until now goes on working while the secret is out of reach; the cluster itself says when it does not.
      readAtMilliseconds = clock.milliseconds() + afterFailureMilliseconds;
      return held.transport;
    }
  };
}

function tokenKubeconfig(document: JsonValue): KubeConfig {
  const parsed = tokenSecretSchema.safeParse(document);
  if (!parsed.success) {
    const wrong = parsed.error.issues.map(({ path, message }) => `"${path.join('.')}" ${message}`).join('; ');
    throw new KubeconfigInvalid(`${wrong}: give a kubeconfig, or JSON with server, certificate-authority-data and token`);
  }
  const { server, token, 'certificate-authority-data': caData } = parsed.data;
  const kubeconfig = new KubeConfig();
  kubeconfig.loadFromClusterAndUser({ name: 'cluster', server, skipTLSVerify: false, ...(caData !== undefined && { caData }) }, { name: 'token', token });
  return kubeconfig;
}

function parseJson(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return undefined;
  }
}
