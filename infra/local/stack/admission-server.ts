import { createServer } from 'node:https';
import { createAuthority } from '../certificates/authority.ts';
import { fetchServerHost, requestDeadlines, serveFetch, type FetchServer } from './fetch-server.ts';
import type { AdmissionEndpoint } from './install.ts';

export interface AdmissionServer extends Pick<FetchServer, 'answerWith' | 'close'> {
  /** Where the API server asks; the last segment of its path is the secret. */
  readonly endpoint: AdmissionEndpoint;
}

const handshakeTimeout = 5_000; // milliseconds, as long as the API server waits for the whole answer

/**
 * The admission-webhook's fetch function over HTTPS on loopback. Its certificate is of an authority that is made for this start, and that
 * the configurations name; `segment` is known to the API server alone. Port 0: any that is free.
 */
export async function serveAdmission(port: number, segment: string, nowMilliseconds: number): Promise<AdmissionServer> {
  const authority = await createAuthority('kubernaut-local-admission', nowMilliseconds);
  const { certificatePem: cert, keyPem: key } = await authority.issue({ commonName: fetchServerHost, usages: ['server'] });
  const options = { cert, key, minVersion: 'TLSv1.2', handshakeTimeout, ...requestDeadlines } as const;
  const server = await serveFetch({ what: 'the admission webhook', option: '--admission-port', port, create: (listener) => createServer(options, listener) });
  const url = `https://${fetchServerHost}:${server.port}/${segment}`;
  return { ...server, endpoint: { url, caBundle: Buffer.from(authority.caPem).toString('base64') } };
}
