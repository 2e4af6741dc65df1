import { answered, type Answer } from '../answered.ts';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { Agent, request, type RequestOptions } from 'node:http';
import { join } from 'node:path';
import { localCredentials, localRegion } from '../../../infra/local/queue/received.ts';
import { readServerlessFile } from '../../../infra/local/stack/serverless-file.ts';
import { createSqsClient } from '../../../infra/local/stack/sqs-client.ts';
import { createSqsQueues } from '../../../infra/local/stack/sqs-queues.ts';
import { sqsReceiver } from '../../../infra/local/stack/sqs-receiver.ts';
import { startSqsServer } from '../../../infra/local/stack/sqs-server.ts';
import { createWorkspace } from '../../../infra/local/stack/workspace.ts';
import type { UrlAnswer, UrlEvent } from '../../../shared/function-url.ts';
import { alertMessageSchema, type AlertMessage } from '../../../shared/queue/alert-message.ts';
import type { Question } from './process.ts';

export const token = 'a-webhook-token-that-must-never-come-back';
export const otherToken = 'the-token-that-comes-after-it';

export interface WebhookWorld {
  readonly url: URL;
  /** Over HTTP. */
  post(body: string | Buffer, options?: PostOptions): Promise<Answer>;
  invoke(event: UrlEvent): Promise<UrlAnswer>;
  /** Everything that was queued since the last time. */
  drain(): Promise<readonly AlertMessage[]>;
  /** The most memory that the process ever had resident. */
  peakMebibytes(): Promise<number>;
  /** What it logged so far, line by line. */
  log(): readonly string[];
  /** Ends the process; its exit code: 0 unless something was not caught. */
  close(): Promise<number | null>;
}

const heapMebibytesMax = 256; // as much memory as serverless.yml gives the function; without a bound Node would use what the machine has

// Connections are kept, as Alertmanager keeps them: who asks for an end with the answer may lose it while a body is still on its way.
const agent = new Agent({ keepAlive: true });

const root = join(import.meta.dirname, '../../..');

/** The webhook as a process of its own between this one and an SQS server. */
export async function aWebhookWorld(): Promise<WebhookWorld> {
  const workspace = await createWorkspace();
  const sqs = await startSqsServer(0);
  const client = createSqsClient(sqs.endpoint, {});
  const { urlPrefix } = await createSqsQueues(client, 'hostile-', readServerlessFile(root).queues);
  const env = {
    PATH: process.env['PATH'],
    KUBERNAUT_QUEUE_URL_PREFIX: urlPrefix,
    KUBERNAUT_WEBHOOK_TOKENS_FILE: await workspace.write('tokens', `${token}\n${otherToken}`),
    AWS_ENDPOINT_URL_SQS: sqs.endpoint,
    AWS_REGION: localRegion,
    AWS_ACCESS_KEY_ID: localCredentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: localCredentials.secretAccessKey,
  };
  const child = fork(join(import.meta.dirname, 'process.ts'), {
    env,
    execArgv: [`--max-old-space-size=${heapMebibytesMax}`],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const printed: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', (text: string) => printed.push(text));
  const waiting = new Map<number, (answer: never) => void>();
  let asked = 0;
  const awaited = <Given>(id: number) => new Promise<Given>((resolve) => waiting.set(id, resolve));
  child.on('message', ({ id, answer }: { readonly id: number; readonly answer: never }) => waiting.get(id)?.(answer));
  const ended = once(child, 'exit').then(([code]) => code as number | null);
  const died = ended.then((code) => Promise.reject(new Error(`the webhook ended with ${code}: ${printed.join('').slice(-4_000)}`)));
  died.catch(() => undefined);
  const ask = <Given>(question: Omit<Question, 'id'>) => {
    asked += 1;
    child.send({ id: asked, ...question });
    return Promise.race([awaited<Given>(asked), died]);
  };
  const url = new URL(await Promise.race([awaited<string>(0), died]));
  const receiver = sqsReceiver({ client, urlPrefix, region: localRegion });
  return {
    url,
    post: (body, options) => Promise.race([post(url, body, options), died]),
    invoke: (event) => ask<UrlAnswer>({ event } as Omit<Question, 'id'>),
    async drain() {
      const drained: AlertMessage[] = [];
      const signal = new AbortController().signal;
      for (;;) {
        const records = await receiver.receive('alerts', 10, signal, 0);
        if (records.length === 0) return drained;
        drained.push(...records.map(({ body }) => alertMessageSchema.parse(JSON.parse(body))));
        await receiver.acknowledge('alerts', records);
      }
    },
    async peakMebibytes() {
      return Math.round((await ask<number>({ peak: true } as Omit<Question, 'id'>)) / 1_024);
    },
    log: () =>
      printed
        .join('')
        .split('\n')
        .filter((line) => line !== ''),
    async close() {
      if (child.connected) child.disconnect();
      const code = await ended;
      agent.destroy();
      client.destroy();
      await sqs.close();
      await workspace.remove();
      return code;
    },
  };
}

interface PostOptions extends Pick<RequestOptions, 'method' | 'path'> {
  readonly headers?: Readonly<Record<string, string>>;
  /** Without a length. */
  readonly chunked?: boolean;
  readonly tries?: number;
}

/** An answer that comes before the body is sent counts, and what then becomes of the body does not. */
async function post(url: URL, body: string | Buffer, options: PostOptions = {}): Promise<Answer> {
  const { chunked = false, tries = 5, headers = {}, ...rest } = options;
  const length = chunked ? {} : { 'content-length': Buffer.byteLength(body) };
  const given = { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...length, ...headers };
  const sent = request(url, { method: 'POST', agent, headers: given, ...rest });
  const answer = answered(sent, tries > 1 ? () => post(url, body, { ...options, tries: tries - 1 }) : null);
  if (chunked) for (let at = 0; at < body.length; at += 65_536) sent.write(body.slice(at, at + 65_536));
  sent.end(chunked ? undefined : body);
  return answer;
}
