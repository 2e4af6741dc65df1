import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { Agent, request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import * as z from 'zod';
import { createAuthority } from '../../../infra/local/certificates/authority.ts';
import { machineLine } from '../machine.ts';
import { percentile } from '../percentile.ts';
import { recordedReviews, type PostedReview } from './reviews.ts';
import type { ServerData } from './server.ts';

const ratioMin = 0.7; // of what Hono itself takes over TLS; what is lost is reading, deciding and answering
const rounds = 45; // short ones in turns: what else the machine does hits both alike, and the middle ratio forgets the worst
const roundMilliseconds = 200;
const warmingReviews = 3_000; // until then V8 still compiles
const connectionCounts = [1, 50];
const segment = 'a-segment-of-enough-length';
const answerMillisecondsMax = 30_000;
const verdictSchema = z.object({ response: z.object({ allowed: z.boolean(), status: z.object({ message: z.string() }).optional() }) });

interface Server {
  readonly kind: ServerData['kind'];
  readonly port: number;
  readonly worker: Worker;
}

interface Round {
  /** Of the server's thread: what a busy machine cannot take from it. */
  readonly processorMilliseconds: number;
  readonly perSecond: number;
  readonly milliseconds: readonly number[];
}

/** Reviews a second over loopback TLS beside a bare Hono server, in turns, so that a busy machine is busy for both. False: below the ratio. */
export async function measureAdmission(print: (line: string) => void): Promise<boolean> {
  print(machineLine('no cluster'));
  const directory = await mkdtemp(join(tmpdir(), 'kubernaut-bench-'));
  const servers: Server[] = [];
  try {
    const pathFile = join(directory, 'path');
    await writeFile(pathFile, segment, { mode: 0o600 });
    const authority = await createAuthority('kubernaut-bench', Date.now());
    const certificate = await authority.issue({ commonName: '127.0.0.1', usages: ['server'] });
    for (const kind of ['bare', 'admission'] as const) servers.push(await startServer({ kind, ...certificate, pathFile }));
    const reviews = recordedReviews();
    for (const line of comparison(reviews)) print(line);
    for (const server of servers) await checkVerdicts(server, reviews, authority.caPem);
    let isWithin = true;
    for (const connections of connectionCounts) isWithin = (await compare(servers, { reviews, connections, ca: authority.caPem }, print)) && isWithin;
    return isWithin;
  } finally {
    await Promise.all(servers.map(({ worker }) => worker.terminate()));
    await rm(directory, { recursive: true, force: true });
  }
}

function comparison(reviews: readonly PostedReview[]): readonly string[] {
  const bytes = reviews.map(({ body }) => body.length);
  const kibibytes = (bytes.reduce((sum, size) => sum + size, 0) / bytes.length / 1_024).toFixed(1);
  const refused = reviews.filter(({ isAllowed }) => !isAllowed).length;
  return [
    `${reviews.length} reviews that a kube-apiserver asked of one remediation and of a person, ${refused} of them refused, ${kibibytes} KiB each, over and over;`,
    'bare: Hono behind the same TLS and keep-alive, reads the body, JSON.parse, answers the uid with allowed: true; no secret, no rule, no log;',
    'admission: the deployed function behind the same server, every rule and audit row (its queue takes a row at once), log level silent;',
    `${rounds} rounds of ${roundMilliseconds} ms in turns, each server and the client in threads of their own:`,
  ];
}

/** What is measured below is worth nothing where the reviews are judged otherwise than they were. */
async function checkVerdicts(server: Server, reviews: readonly PostedReview[], ca: string): Promise<void> {
  const agent = new Agent({ keepAlive: true, ca });
  try {
    for (const [index, review] of reviews.entries()) {
      const { response } = verdictSchema.parse(JSON.parse(await post(agent, server.port, review)));
      if (server.kind === 'admission' && response.allowed !== review.isAllowed)
        throw new Error(`review ${index + 1}: allowed is ${response.allowed}: ${response.status?.message ?? ''}: record the reviews again`);
    }
  } finally {
    agent.destroy();
  }
}

async function startServer(data: ServerData): Promise<Server> {
  const worker = new Worker(new URL('./server.ts', import.meta.url), { workerData: data });
  const [port] = (await once(worker, 'message')) as [number];
  return { kind: data.kind, port, worker };
}

interface Load {
  readonly reviews: readonly PostedReview[];
  readonly connections: number;
  readonly ca: string;
}

async function compare(servers: readonly Server[], load: Load, print: (line: string) => void): Promise<boolean> {
  const found: Readonly<Record<Server['kind'], Round[]>> = { bare: [], admission: [] };
  for (const server of servers) await play(server, load, (count) => count >= warmingReviews);
  for (let round = 0; round < rounds; round += 1) {
    // Who begins changes, so that neither always comes first after the other.
    for (const server of round % 2 === 0 ? servers : servers.toReversed())
      found[server.kind].push(await play(server, load, (_count, milliseconds) => milliseconds > roundMilliseconds));
  }
  const ratios = found.admission.map(({ perSecond }, index) => perSecond / (found.bare[index]?.perSecond ?? Number.NaN));
  const ratio = percentile(ratios, 50);
  for (const kind of ['bare', 'admission'] as const) {
    const perSecond = percentile(
      found[kind].map((round) => round.perSecond),
      50,
    );
    const milliseconds = found[kind].flatMap((round) => round.milliseconds);
    const processor = found[kind].reduce((sum, round) => sum + round.processorMilliseconds, 0) / milliseconds.length;
    print(
      `  ${String(load.connections).padStart(2)} connections  ${kind.padEnd(9)}  ${String(Math.round(perSecond)).padStart(5)} a second, p50 ${percentile(milliseconds, 50).toFixed(2)} ms, p99 ${percentile(milliseconds, 99).toFixed(2)} ms, CPU ${processor.toFixed(2)} ms each`,
    );
  }
  print(
    `  ratio ${ratio.toFixed(2)} (at least ${ratioMin}; from ${percentile(ratios, 10).toFixed(2)} to ${percentile(ratios, 90).toFixed(2)} without the tenth of the rounds at either end)`,
  );
  return ratio >= ratioMin;
}

/** Asks on each connection one after another, until enough was answered. */
async function play({ port, worker }: Server, { reviews, connections, ca }: Load, isEnough: (count: number, milliseconds: number) => boolean): Promise<Round> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections, ca });
  const milliseconds: number[] = [];
  const before = await worker.cpuUsage();
  const began = performance.now();
  const isOver = () => isEnough(milliseconds.length, performance.now() - began);
  try {
    await Promise.all(
      Array.from({ length: connections }, async (_, lane) => {
        for (let turn = lane; !isOver(); turn += 1) {
          const asked = performance.now();
          await post(agent, port, reviews[turn % reviews.length]!);
          milliseconds.push(performance.now() - asked);
        }
      }),
    );
    const perSecond = milliseconds.length / ((performance.now() - began) / 1_000);
    const { user, system } = await worker.cpuUsage(before);
    return { perSecond, milliseconds, processorMilliseconds: (user + system) / 1_000 };
  } finally {
    agent.destroy();
  }
}

function post(agent: Agent, port: number, { door, body }: PostedReview): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': body.length };
    const options = { agent, host: '127.0.0.1', port, method: 'POST', path: `/${segment}/${door}`, headers, timeout: answerMillisecondsMax };
    const asking = request(options, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('error', reject);
      answer.on('end', () =>
        answer.statusCode === 200 ? resolve(Buffer.concat(chunks).toString()) : reject(new Error(`${door}: answered ${answer.statusCode}`)),
      );
    });
    asking.on('timeout', () => asking.destroy(new Error(`${door}: no answer within ${answerMillisecondsMax} ms`)));
    asking.on('error', reject);
    asking.end(body);
  });
}
