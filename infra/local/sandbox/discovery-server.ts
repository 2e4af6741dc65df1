import type { VirtualEndpoint } from './extension.ts';

/** The minor version whose behaviour the sandbox follows; the suffix says that it is no kube-apiserver. */
const version = {
  major: '1',
  minor: '36',
  gitVersion: 'v1.36.3+sandbox',
  gitCommit: '',
  gitTreeState: 'clean',
  buildDate: '2026-01-01T00:00:00Z',
  goVersion: '',
  compiler: '',
  platform: 'node',
};

/** `/version` */
export const serverVersion: VirtualEndpoint = {
  matches: ({ method, path }) => method === 'GET' && path === '/version',
  answer: () => ({ status: 200, body: version }),
};

const probes = new Set(['/healthz', '/livez', '/readyz']);

/** A server that answers is live and ready: it has no parts that start by themselves. */
export const serverHealth: VirtualEndpoint = {
  matches: ({ method, path }) => method === 'GET' && probes.has(path),
  answer: () => ({ status: 200, body: 'ok' }),
};
