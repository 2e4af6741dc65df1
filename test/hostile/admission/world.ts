import { Agent, request } from 'node:https';
import { composeApp } from '../../../functions/admission-webhook/handler.ts';
import { createRealClock } from '../../../infra/local/real-clock.ts';
import { serveAdmission } from '../../../infra/local/stack/admission-server.ts';
import { createWorkspace } from '../../../infra/local/stack/workspace.ts';
import type { LogFields, Logger } from '../../../shared/telemetry/logger.ts';
import { now } from '../../support/admission.ts';
import { answered, type Answer } from '../answered.ts';
import { queuesTwin, type QueuesTwin } from '../../support/queues-twin.ts';

export const segment = 'a-path-that-must-never-come-back';

export interface Call {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

export interface AdmissionWorld {
  readonly url: URL;
  readonly queues: QueuesTwin;
  /** To the validating door unless `path` says otherwise. */
  call(call: Call): Promise<Answer>;
  /** What was told as an error. */
  readonly errors: readonly string[];
  close(): Promise<void>;
}

/** The admission webhook behind the local stack's HTTPS server, with its secret in a file. */
export async function anAdmissionWorld(): Promise<AdmissionWorld> {
  const workspace = await createWorkspace();
  const server = await serveAdmission(0, segment, Date.now());
  const queues = queuesTwin();
  const errors: string[] = [];
  const told = (message: string, fields: LogFields = {}) => void errors.push(JSON.stringify({ message, ...fields }));
  const logger: Logger = { debug: () => undefined, info: () => undefined, warn: told, error: told };
  const variables = { KUBERNAUT_QUEUE_URL_PREFIX: 'http://queues.invalid/', KUBERNAUT_ADMISSION_PATH_FILE: await workspace.write('path', segment) };
  const clock = { ...createRealClock(), milliseconds: () => Date.parse(now) }; // the reviews are of then
  const app = composeApp(variables, { queues, logger, clock });
  server.answerWith(async (asked) => app.fetch(asked));
  const url = new URL(server.endpoint.url);
  const ca = Buffer.from(server.endpoint.caBundle ?? '', 'base64').toString();
  const agent = new Agent({ keepAlive: true, ca });
  return {
    url,
    queues,
    errors,
    call: (call) => send(url, agent, call),
    async close() {
      agent.destroy();
      await server.close();
      await workspace.remove();
    },
  };
}

function send(url: URL, agent: Agent, { method = 'POST', path = `/${segment}/validate`, headers = {}, body = '' }: Call, tries = 5): Promise<Answer> {
  const given = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body), ...headers };
  const sent = request({ hostname: url.hostname, port: url.port, agent, method, path, headers: given });
  const answer = answered(sent, tries > 1 ? () => send(url, agent, { method, path, headers, body }, tries - 1) : null);
  sent.end(body);
  return answer;
}
