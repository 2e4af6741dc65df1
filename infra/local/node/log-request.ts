import type { LogBounds } from '../container-logs.ts';

/** `GET /containerLogs/<namespace>/<pod>/<container>` as an API server asks it of a kubelet. */
export interface LogRequest {
  readonly kind: 'log';
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  readonly follow: boolean;
  readonly previous: boolean;
  readonly bounds: LogBounds;
}

export interface LogRefusal {
  readonly kind: 'refused';
  readonly status: 400 | 404;
  readonly text: string;
}

/** Lines are kept without their times: what needs those is refused, not ignored. */
const timeParameters = ['sinceSeconds', 'sinceTime', 'timestamps'];

export function parseLogRequest(url: string): LogRequest | LogRefusal {
  const { pathname, searchParams } = new URL(url, 'https://kubelet');
  const [, namespace, pod, container] = /^\/containerLogs\/([^/]+)\/([^/]+)\/([^/]+)$/.exec(pathname) ?? [];
  if (namespace === undefined || pod === undefined || container === undefined) {
    return { kind: 'refused', status: 404, text: `${pathname}: this node serves /containerLogs only` };
  }
  const timed = timeParameters.find((name) => ![null, '', 'false'].includes(searchParams.get(name)));
  if (timed !== undefined) return { kind: 'refused', status: 400, text: `${timed}: this node keeps no times of log lines: ask without it` };
  const bounds = { tailLines: countOf(searchParams, 'tailLines'), limitBytes: countOf(searchParams, 'limitBytes') };
  const wrong = Object.entries(bounds).find(([, count]) => Number.isNaN(count));
  if (wrong !== undefined) return { kind: 'refused', status: 400, text: `${wrong[0]}: ${searchParams.get(wrong[0]) ?? ''} is no whole number` };
  return { kind: 'log', namespace, pod, container, follow: isTrue(searchParams, 'follow'), previous: isTrue(searchParams, 'previous'), bounds };
}

function countOf(parameters: URLSearchParams, name: string): number | undefined {
  const text = parameters.get(name);
  if (text === null || text === '') return undefined;
  return /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
}

function isTrue(parameters: URLSearchParams, name: string): boolean {
  return ['true', '1'].includes(parameters.get(name) ?? '');
}
