import { request as httpsRequest, type RequestOptions } from 'node:https';
import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { createRealClock } from '../../infra/local/real-clock.ts';
import type { Person } from '../../infra/local/sandbox/authentication.ts';
import { createSandbox, type SandboxOptions } from '../../infra/local/sandbox/create-sandbox.ts';
import { serveHttps, type HttpsFront, type HttpsOptions } from '../../infra/local/sandbox/https.ts';
import type { Sandbox } from '../../infra/local/sandbox/sandbox.ts';
import { standardExtensions } from '../../infra/local/sandbox/standard-extensions.ts';
import { tokenIssuer } from '../../infra/local/sandbox/token.ts';

export const adminToken = 'token-of-the-tests-administrator';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** undefined for what is no JSON. */
  readonly json: unknown;
}

export interface Call {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  /** null: no Authorization header. */
  readonly token?: string | null;
}

export interface HttpsWorld {
  readonly sandbox: Sandbox;
  readonly front: HttpsFront;
  call(path: string, call?: Call): Promise<Answer>;
  /** Resolves when the headers are there; the body is the caller's to read. */
  open(path: string, call?: Call): Promise<IncomingMessage>;
  close(): Promise<void>;
}

export async function anHttpsWorld(
  options: Partial<SandboxOptions & Pick<HttpsOptions, 'requestTimeoutMilliseconds'>> & {
    readonly frontClock?: HttpsOptions['clock'];
    readonly people?: readonly Person[];
  } = {},
): Promise<HttpsWorld> {
  const { requestTimeoutMilliseconds, frontClock, people, ...sandboxOptions } = options;
  const clock = createRealClock();
  const tokens = tokenIssuer(clock);
  const sandbox = createSandbox({ clock, randomUuid: randomUUID, extensions: standardExtensions(tokens), ...sandboxOptions });
  const front = await serveHttps(sandbox, {
    port: 0,
    clock: frontClock ?? clock,
    credentials: { tokens, adminToken, ...(people !== undefined && { people }) },
    ...(requestTimeoutMilliseconds !== undefined && { requestTimeoutMilliseconds }),
  });
  const open = (path: string, call?: Call): Promise<IncomingMessage> => send(new URL(path, front.url), front.caPem, call);
  return {
    sandbox,
    front,
    open,
    call: async (path, call) => answerOf(await open(path, call)),
    async close() {
      await front.close();
      sandbox.close();
    },
  };
}

function send(url: URL, ca: string, { method = 'GET', headers = {}, body, token = adminToken }: Call = {}): Promise<IncomingMessage> {
  const authorization = token === null ? {} : { authorization: `Bearer ${token}` };
  const options: RequestOptions = { method, ca, agent: false, headers: { ...authorization, ...headers } };
  return new Promise((resolve, reject) => {
    const request = httpsRequest(url, options, resolve);
    request.on('error', reject);
    request.end(body);
  });
}

async function answerOf(message: IncomingMessage): Promise<Answer> {
  const text = (await message.setEncoding('utf8').toArray()).join('');
  return { status: message.statusCode ?? 0, headers: message.headers, text, json: parsed(text) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
