import { once } from 'node:events';
import { createServer } from 'node:https';
import { getRequestListener } from '@hono/node-server';
import { createAuthority } from '../certificates/authority.ts';
import type { AdmissionEndpoint } from './install.ts';
import { listening } from './start-failed.ts';

type Fetch = (request: Request) => Promise<Response>;

export interface AdmissionServer {
  /** Where the API server asks; the last segment of its path is the secret. */
  readonly endpoint: AdmissionEndpoint;
  /** Who answers from now on. Until then it is 503, and the API server refuses what it would have asked about. */
  answerWith(fetch: Fetch): void;
  close(): Promise<void>;
}

const host = '127.0.0.1';
const headersTimeoutMilliseconds = 5_000; // nobody waits longer for a verdict

/**
 * The admission-webhook's fetch function over HTTPS on loopback: what its function URL is in the cloud. Its certificate is of an authority
 * that is made for this start, and that the configurations name; `segment` is known to the API server alone. Port 0: any that is free.
 */
export async function serveAdmission(port: number, segment: string, nowMilliseconds: number): Promise<AdmissionServer> {
  const authority = await createAuthority('kubernaut-local-admission', nowMilliseconds);
  const { certificatePem, keyPem } = await authority.issue({ commonName: host, usages: ['server'] });
  let answer: Fetch = () => Promise.resolve(new Response('starting\n', { status: 503 }));
  const listener = getRequestListener((request) => answer(request));
  const options = { cert: certificatePem, key: keyPem, minVersion: 'TLSv1.2', headersTimeout: headersTimeoutMilliseconds } as const;
  const server = createServer(options, (request, response) => void listener(request, response));
  await listening({ what: 'the admission webhook', option: '--admission-port', port }, async () => {
    server.listen(port, host);
    await once(server, 'listening');
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the admission webhook listens on no port');
  return {
    endpoint: { url: `https://${host}:${address.port}/${segment}`, caBundle: Buffer.from(authority.caPem).toString('base64') },
    answerWith(fetch) {
      answer = fetch;
    },
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
