import type { ServerResponse } from 'node:http';
import type { Clock } from '../../../shared/clock.ts';
import { isJsonObject } from '../../../shared/api/json.ts';
import type { ApiResponse } from '../../../shared/kubernetes/request.ts';
import { cutLog } from '../container-logs.ts';
import { stringAt, objectAt } from './object.ts';
import { sendResponse } from './https-response.ts';
import { administrator, type Sandbox, type SandboxRequest } from './sandbox.ts';
import { isTrue } from './url.ts';

const pollMilliseconds = 500; // soon enough for who reads along, and nothing when nobody does

/** `kubectl logs -f` */
export function isLogFollowed({ method, path, query = {} }: SandboxRequest): boolean {
  return method === 'GET' && path.endsWith('/log') && query['follow'] !== undefined && isTrue(query['follow']);
}

export interface Follower {
  readonly response: ServerResponse;
  readonly signal: AbortSignal;
  readonly clock: Clock;
}

/** Text as it is written, until the pod has ended or the client goes. The sandbox itself answers a log only as a whole. */
export async function followLog(sandbox: Sandbox, request: SandboxRequest, { response, signal, clock }: Follower): Promise<void> {
  const { follow: _follow, tailLines, ...query } = request.query ?? {};
  const read = (): Promise<ApiResponse> => sandbox.serve({ ...request, query });
  let hadEnded = await podHasEnded(sandbox, request.path);
  const first = await read();
  if (first.status !== 200 || typeof first.body !== 'string') return sendResponse(response, first);
  response.writeHead(200, { 'Content-Type': 'text/plain; charset=utf-8' });
  response.write(cutLog(first.body, { tailLines: tailLines === undefined ? undefined : Number(tailLines), limitBytes: undefined }));
  let shown = first.body.length;
  while (!hadEnded && (await passed(clock, signal))) {
    hadEnded = await podHasEnded(sandbox, request.path); // asked before the text, so that nothing written at the end is missed
    const { body } = await read();
    if (typeof body !== 'string') break; // the pod was deleted, and its log with it
    response.write(body.slice(shown));
    shown = body.length;
  }
  response.end();
}

async function passed(clock: Clock, signal: AbortSignal): Promise<boolean> {
  return clock.sleep(pollMilliseconds, signal).then(
    () => true,
    () => false,
  );
}

/** Asked by the server itself: who may read a log need not be allowed to read the pod. */
async function podHasEnded(sandbox: Sandbox, logPath: string): Promise<boolean> {
  const { body } = await sandbox.serve({ method: 'GET', path: logPath.replace(/\/log$/, ''), user: administrator });
  const phase = isJsonObject(body) ? stringAt(objectAt(body, 'status'), 'phase') : '';
  return phase === 'Succeeded' || phase === 'Failed';
}
