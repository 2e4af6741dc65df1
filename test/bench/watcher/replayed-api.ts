import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createAuthority } from '../../../infra/local/certificates/authority.ts';
import { defaultNamespace } from '../../../shared/api/labels.ts';
import { collectionPath } from '../../../shared/kubernetes/resource-path.ts';
import type { Replayed } from './replayed-resources.ts';

export interface ReplayedApi {
  readonly url: string;
  readonly caPem: string;
  readonly listed: ListsSeen;
  /** Resolves once every collection is watched, from the version of its list. */
  watched(): Promise<void>;
  /** Sends one change down a watch; resolves when the connection takes more. */
  change(kind: string, text: string): Promise<void>;
  close(): Promise<void>;
}

/** What the client asked for when it listed. */
export interface ListsSeen {
  pages: number;
  bytes: number;
  /** The most that it asked for at once; Infinity once it asked without a limit. */
  limitMax: number;
}

export interface ReplayedApiOptions {
  readonly resources: readonly Replayed[];
  readonly countOfEach: number;
  readonly isLive: (index: number) => boolean;
  readonly nameOf: (index: number) => string;
}

const listVersion = 1_000_000;

/** As much of an API server as a watcher asks: lists in pages, and watches that this process feeds. Whatever else is asked is an empty list. */
export async function serveReplayedApi(options: ReplayedApiOptions): Promise<ReplayedApi> {
  const authority = await createAuthority('bench', Date.now());
  const { certificatePem, keyPem } = await authority.issue({ commonName: 'replayed', usages: ['server'] });
  const watches = new Map<string, ServerResponse>();
  const listed: ListsSeen = { pages: 0, bytes: 0, limitMax: 0 };
  const allWatched = Promise.withResolvers<void>();
  const byPath = new Map(options.resources.map((each) => [collectionPath(each.watched, defaultNamespace), each]));
  const server = createServer({ cert: certificatePem, key: keyPem }, (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'https://replayed');
    const replayed = byPath.get(pathname);
    response.setHeader('content-type', 'application/json');
    if (searchParams.get('watch') !== 'true') {
      const page = replayed === undefined ? emptyList : pageOf(replayed, searchParams, { ...options, listed });
      response.end(page);
      return;
    }
    response.flushHeaders();
    if (replayed === undefined) return;
    if (searchParams.get('resourceVersion') !== String(listVersion)) allWatched.reject(new Error(`${replayed.watched.kind}: watched from another version`));
    watches.set(replayed.watched.kind, response);
    if (watches.size === byPath.size) allWatched.resolve();
  });
  return {
    url: await listen(server),
    caPem: authority.caPem,
    listed,
    watched: () => allWatched.promise,
    async change(kind, text) {
      const watch = watches.get(kind);
      if (watch === undefined) throw new Error(`${kind}: nobody watches`);
      if (!watch.write(`{"type":"MODIFIED","object":${text}}\n`)) await once(watch, 'drain');
    },
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

const emptyList = JSON.stringify({ metadata: { resourceVersion: String(listVersion) }, items: [] });

function pageOf(
  replayed: Replayed,
  query: URLSearchParams,
  { countOfEach, isLive, nameOf, listed }: ReplayedApiOptions & { readonly listed: ListsSeen },
): string {
  const limit = Number(query.get('limit') ?? Infinity);
  const first = Number(query.get('continue') ?? 0);
  const end = Math.min(countOfEach, first + limit);
  const texts: string[] = [];
  for (let index = first; index < end; index += 1) texts.push(replayed.text({ name: nameOf(index), version: index + 1, isLive: isLive(index) }));
  const metadata = { resourceVersion: String(listVersion), ...(end < countOfEach && { continue: String(end) }) };
  const page = `{"kind":"${replayed.watched.kind}List","apiVersion":"${replayed.watched.apiVersion}","metadata":${JSON.stringify(metadata)},"items":[${texts.join(',')}]}`;
  listed.pages += 1;
  listed.bytes += page.length;
  listed.limitMax = Math.max(listed.limitMax, limit);
  return page;
}

async function listen(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
