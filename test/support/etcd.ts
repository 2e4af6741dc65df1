import { readFile } from 'node:fs/promises';
import { request as httpsRequest } from 'node:https';
import { text } from 'node:stream/consumers';
import type { ControlPlane } from '../../infra/local/control-plane/start-control-plane.ts';

const callMilliseconds = 10_000;

/** Forgets every version but the last of each object, as a cluster does by itself every five minutes. Answers the revision that is the oldest from now on. */
export async function compactEtcd(etcd: ControlPlane['etcd']): Promise<string> {
  const key = Buffer.from('/registry').toString('base64');
  const { header } = JSON.parse(await call(etcd, '/v3/kv/range', { key, count_only: true })) as { readonly header: { readonly revision: string } };
  await call(etcd, '/v3/kv/compaction', { revision: header.revision, physical: true });
  return header.revision;
}

/** By etcd's own HTTP gateway, with the certificate of the API server. */
async function call({ url, caFile, client }: ControlPlane['etcd'], path: string, body: object): Promise<string> {
  const [ca, cert, key] = await Promise.all([caFile, client.certificateFile, client.keyFile].map((file) => readFile(file)));
  const { status, content } = await new Promise<{ readonly status: number; readonly content: string }>((resolve, reject) => {
    const options = { method: 'POST', ca, cert, key, headers: { 'content-type': 'application/json' }, signal: AbortSignal.timeout(callMilliseconds) };
    const sent = httpsRequest(new URL(path, url), options, (answer) => {
      text(answer).then((content) => resolve({ status: answer.statusCode ?? 0, content }), reject);
    });
    sent.on('error', reject);
    sent.end(JSON.stringify(body));
  });
  if (status !== 200) throw new Error(`etcd answered ${status} to ${path}: ${content}`);
  return content;
}
