import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { Agent } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod';
import { createAuthority } from '../../../infra/local/certificates/authority.ts';
import { compareFronts } from '../fronts/compare.ts';
import { startFrontServer, type FrontServer } from '../fronts/front-server.ts';
import { post, type Posted } from '../fronts/posted.ts';
import { machineLine } from '../machine.ts';
import { recordedReviews, type PostedReview } from './reviews.ts';
import type { ServerData } from './server.ts';

const ratioMin = 0.7; // of what Hono itself takes over TLS; what is lost is reading, deciding and answering
const measure = { warmingCount: 3_000, rounds: 45, roundMilliseconds: 200 };
const connectionCounts = [1, 50];
const segment = 'a-segment-of-enough-length';
const verdictSchema = z.object({ response: z.object({ allowed: z.boolean(), status: z.object({ message: z.string() }).optional() }) });

/** Reviews a second over loopback TLS beside a bare Hono server, in turns, so that a busy machine is busy for both. False: below the ratio. */
export async function measureAdmission(print: (line: string) => void): Promise<boolean> {
  print(machineLine('no cluster'));
  const directory = await mkdtemp(join(tmpdir(), 'kubernaut-bench-'));
  const servers: FrontServer[] = [];
  try {
    const pathFile = join(directory, 'path');
    await writeFile(pathFile, segment, { mode: 0o600 });
    const authority = await createAuthority('kubernaut-bench', Date.now());
    const certificate = await authority.issue({ commonName: '127.0.0.1', usages: ['server'] });
    const start = async (kind: ServerData['kind']) => {
      const data: ServerData = { kind, ...certificate, pathFile };
      const server = await startFrontServer(kind, new URL('./server.ts', import.meta.url), data);
      servers.push(server);
      return server;
    };
    const fronts = { bare: await start('bare'), ours: await start('admission') };
    const reviews = recordedReviews();
    for (const line of comparison(reviews)) print(line);
    await checkVerdicts(fronts.ours, reviews, authority.caPem);
    const ratios: number[] = [];
    for (const connections of connectionCounts)
      ratios.push(await compareFronts(fronts, { ...measure, what: 'reviews', posts: reviews.map(posted), connections, ca: authority.caPem }, print));
    print(`each ratio is to be at least ${ratioMin}`);
    return ratios.every((ratio) => ratio >= ratioMin);
  } finally {
    await Promise.all(servers.map(({ worker }) => worker.terminate()));
    await rm(directory, { recursive: true, force: true });
  }
}

function posted({ door, body }: PostedReview): Posted {
  return { path: `/${segment}/${door}`, body };
}

function comparison(reviews: readonly PostedReview[]): readonly string[] {
  const bytes = reviews.map(({ body }) => body.length);
  const kibibytes = (bytes.reduce((sum, size) => sum + size, 0) / bytes.length / 1_024).toFixed(1);
  const refused = reviews.filter(({ isAllowed }) => !isAllowed).length;
  return [
    `${reviews.length} reviews that a kube-apiserver asked of one remediation and of a person, ${refused} of them refused, ${kibibytes} KiB each, over and over;`,
    'bare: Hono behind the same TLS and keep-alive, reads the body, JSON.parse, answers the uid with allowed: true; no secret, no rule, no log;',
    'admission: the deployed function behind the same server, every rule and audit row (its queue takes a row at once), log level silent;',
    `${measure.rounds} rounds of ${measure.roundMilliseconds} ms in turns, each server and the client in threads of their own:`,
  ];
}

/** What is measured below is worth nothing where the reviews are judged otherwise than they were. */
async function checkVerdicts(server: FrontServer, reviews: readonly PostedReview[], ca: string): Promise<void> {
  const agent = new Agent({ keepAlive: true, ca });
  try {
    for (const [index, review] of reviews.entries()) {
      const { response } = verdictSchema.parse(JSON.parse(await post(agent, server.port, posted(review))));
      if (response.allowed !== review.isAllowed)
        throw new Error(`review ${index + 1}: allowed is ${response.allowed}: ${response.status?.message ?? ''}: record the reviews again`);
    }
  } finally {
    agent.destroy();
  }
}
