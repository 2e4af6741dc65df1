import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TLSSocket } from 'node:tls';
import { openingOf, refusal, refuseEncryption } from '../../infra/local/cloud/wire-messages.ts';
import { issueCertificates } from '../../infra/local/sandbox/https-certificate.ts';

/** AWS, databases and an API server on loopback, each of which says no in its own words. */
export interface UnkindCloud {
  /** An endpoint of AWS where every call ends in the error of that name; `page`: in a page of HTML. */
  aws(error: string): string;
  /** A file with the address of a database. */
  databaseFile(unkindness: DatabaseUnkindness): string;
  /** A kubeconfig of a server that answers every request so. */
  kubeconfig(unkindness: ClusterUnkindness): string;
  /** Such that nobody listens there. */
  readonly nowhere: string;
  close(): Promise<void>;
}

/** Of the SQLSTATEs the server itself answers with one, after it took the connection without TLS. */
export const databaseUnkindnesses = ['no TLS', 'untrusted', 'no PostgreSQL', 'away', 'no such host', '28P01', '3D000', '28000'] as const;
export type DatabaseUnkindness = (typeof databaseUnkindnesses)[number];

export const clusterUnkindnesses = ['expired token', 'a page', 'untrusted', 'away', 'no TLS', 'no https', 'no command', 'a login that ended'] as const;
export type ClusterUnkindness = (typeof clusterUnkindnesses)[number];

/** A label of a name has at most 63 characters: it is not found without anybody being asked. */
const nobodysName = `${'x'.repeat(64)}.example`;
const words: Readonly<Record<string, string>> = {
  '28P01': 'password authentication failed for user "kubernaut"',
  '3D000': 'database "kubernaut" does not exist',
  '28000': 'no pg_hba.conf entry for host "10.0.0.1"',
};
const encryption = Buffer.from('S');

export async function anUnkindCloud(): Promise<UnkindCloud> {
  const certificates = await issueCertificates(Date.now());
  const tls = { key: certificates.keyPem, cert: certificates.certificatePem };
  const directory = await mkdtemp(join(tmpdir(), 'unkind-cloud-'));
  const authorityFile = join(directory, 'ca.pem');
  await writeFile(authorityFile, certificates.caPem);

  const aws = createHttpServer(answerAsAws);
  const plain = createServer((socket) => startDatabase(socket, null));
  const secured = createServer((socket) => startDatabase(socket, tls));
  const api = createHttpsServer(tls, answerAsApi);
  const servers = [aws, plain, secured, api];
  for (const server of servers) await once(server.listen(0, '127.0.0.1'), 'listening');

  const addressOf: Readonly<Record<DatabaseUnkindness, string>> = {
    'no TLS': `postgres://kubernaut:hunter2@127.0.0.1:${portOf(plain)}/kubernaut?sslmode=verify-full`,
    untrusted: `postgres://kubernaut:hunter2@localhost:${portOf(secured)}/kubernaut?sslmode=verify-full`,
    'no PostgreSQL': `postgres://kubernaut:hunter2@127.0.0.1:${portOf(aws)}/kubernaut`,
    away: 'postgres://kubernaut:hunter2@127.0.0.1:1/kubernaut',
    'no such host': `postgres://kubernaut:hunter2@${nobodysName}/kubernaut`,
    '28P01': `postgres://kubernaut:hunter2@127.0.0.1:${portOf(plain)}/28P01`,
    '3D000': `postgres://kubernaut:hunter2@127.0.0.1:${portOf(plain)}/3D000`,
    '28000': `postgres://kubernaut:hunter2@127.0.0.1:${portOf(plain)}/28000`,
  };
  const own = `https://127.0.0.1:${portOf(api)}`;
  const trusting = { 'certificate-authority': authorityFile };
  const clusterOf: Readonly<Record<ClusterUnkindness, readonly [cluster: object, user: object]>> = {
    'expired token': [{ server: own, ...trusting }, { token: 'expired' }],
    'a page': [{ server: `${own}/page`, ...trusting }, { token: 'expired' }],
    untrusted: [{ server: own }, { token: 'expired' }],
    away: [{ server: 'https://127.0.0.1:1' }, { token: 'expired' }],
    'no TLS': [{ server: `https://127.0.0.1:${portOf(aws)}` }, { token: 'expired' }],
    'no https': [{ server: 'http://127.0.0.1:8001' }, { token: 'expired' }],
    'no command': [{ server: own, ...trusting }, loginBy('kubernaut-no-such-command')],
    'a login that ended': [{ server: own, ...trusting }, loginBy('sh', '-c', 'echo The SSO session has ended >&2; exit 255')],
  };
  const fileOf = (kind: 'database' | 'kubeconfig', name: string) => join(directory, `${kind}-${name.replaceAll(' ', '-')}`);
  for (const name of databaseUnkindnesses) await writeFile(fileOf('database', name), addressOf[name]);
  for (const name of clusterUnkindnesses) await writeFile(fileOf('kubeconfig', name), aKubeconfig(...clusterOf[name]));

  return {
    aws: (error) => `http://127.0.0.1:${portOf(aws)}/${error}`,
    databaseFile: (name) => fileOf('database', name),
    kubeconfig: (name) => fileOf('kubeconfig', name),
    nowhere: 'http://127.0.0.1:1',
    async close() {
      for (const server of servers) server.close();
      for (const server of [aws, api]) server.closeAllConnections();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** AWS names the error in the body, and again in a header for what spoke its older protocol. */
function answerAsAws(request: IncomingMessage, response: ServerResponse): void {
  const error = (request.url ?? '').split('/')[1] ?? '';
  request.resume().on('end', () => {
    if (error === 'page') return response.writeHead(200, { 'content-type': 'text/html' }).end('<html>log in</html>');
    response.writeHead(400, { 'content-type': 'application/x-amz-json-1.0', 'x-amzn-query-error': `${error};Sender` });
    return response.end(JSON.stringify({ __type: `com.amazonaws#${error}`, message: `the words of ${error}.` }));
  });
}

function answerAsApi(request: IncomingMessage, response: ServerResponse): void {
  if ((request.url ?? '').startsWith('/page')) return void response.writeHead(200, { 'content-type': 'text/html' }).end('<html>log in</html>');
  response.writeHead(401, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ kind: 'Status', apiVersion: 'v1', status: 'Failure', reason: 'Unauthorized', message: 'Unauthorized', code: 401 }));
}

/** Asked for a database by the name of an error, it answers with that error. */
function startDatabase(socket: Socket, tls: { readonly key: string; readonly cert: string } | null): void {
  socket.on('error', () => undefined); // whoever does not trust a certificate hangs up
  socket.once('data', (received) => {
    if (openingOf(received)?.kind !== 'encryption') {
      const code = /database\0([^\0]*)\0/.exec(received.toString('latin1'))?.[1] ?? '';
      return void socket.end(refusal(code, words[code] ?? code));
    }
    if (tls === null) return void socket.end(refuseEncryption);
    socket.write(encryption);
    return void new TLSSocket(socket, { isServer: true, ...tls }).on('error', () => undefined);
  });
}

function loginBy(command: string, ...args: readonly string[]): object {
  return { exec: { apiVersion: 'client.authentication.k8s.io/v1', command, args } };
}

function aKubeconfig(cluster: object, user: object): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'here',
    contexts: [{ name: 'here', context: { cluster: 'c', user: 'u' } }],
    clusters: [{ name: 'c', cluster }],
    users: [{ name: 'u', user }],
  });
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}
