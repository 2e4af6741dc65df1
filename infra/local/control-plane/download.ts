import { createHash } from 'node:crypto';
import { chmod, mkdir, rm, writeFile } from 'node:fs/promises';
import { arch, platform } from 'node:os';
import { join } from 'node:path';
import type { Made, Maker, Making } from './maker.ts';
import { etcdVersion, kubernetesVersion, type Program } from './release.ts';
import { runCommand } from './run-command.ts';

const headMilliseconds = 10_000; // a network that lets nobody out says so by silence
const bodyMilliseconds = 10 * 60_000; // 105 MB over a slow line
const unpackMinutesMax = 2;
const architectures: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' };

/** Fetches them from where Kubernetes and etcd are published, and believes them by the checksums that are published beside them. */
export const officialRelease: Maker = { source: 'the official release', make: downloadAll };

async function downloadAll(wanted: readonly Program[], making: Making): Promise<Made> {
  const architecture = architectures[arch()];
  if (platform() !== 'linux' || architecture === undefined) return { programs: [], why: `there is no official release for ${platform()} on ${arch()}` };
  const programs: Program[] = [];
  try {
    for (const program of wanted) {
      if (program === 'etcd') await downloadEtcd(architecture, making);
      else await downloadKubernetes(program, architecture, making);
      programs.push(program);
    }
    return { programs, why: null };
  } catch (error) {
    making.signal.throwIfAborted();
    return { programs, why: `downloading it failed (${reasonOf(error)})` };
  }
}

async function downloadKubernetes(program: Program, architecture: string, { directory, signal, tell }: Making): Promise<void> {
  const url = `https://dl.k8s.io/v${kubernetesVersion}/bin/linux/${architecture}/${program}`;
  const checksum = (await fetchText(`${url}.sha256`, signal)).trim();
  tell(`downloading ${url}`);
  const path = join(directory, program);
  await writeFile(path, await fetchVerified(url, checksum, signal));
  await chmod(path, 0o755);
}

/** etcd comes in an archive, together with its command-line tools. */
async function downloadEtcd(architecture: string, { directory, signal, tell, environment }: Making): Promise<void> {
  const name = `etcd-v${etcdVersion}-linux-${architecture}`;
  const release = `https://github.com/etcd-io/etcd/releases/download/v${etcdVersion}`;
  const checksums = await fetchText(`${release}/SHA256SUMS`, signal);
  const checksum = checksums
    .split('\n')
    .find((line) => line.endsWith(` ${name}.tar.gz`))
    ?.split(' ')[0];
  if (checksum === undefined) throw new Error(`SHA256SUMS does not name ${name}.tar.gz`);
  tell(`downloading ${release}/${name}.tar.gz`);
  const workshop = join(directory, 'archive');
  await mkdir(workshop, { recursive: true });
  try {
    await writeFile(join(workshop, 'etcd.tar.gz'), await fetchVerified(`${release}/${name}.tar.gz`, checksum, signal));
    const argv = ['tar', '-xzf', 'etcd.tar.gz', '-C', directory, '--strip-components=1', '--no-same-owner', `${name}/etcd`] as const;
    await runCommand({ argv: [...argv], environment, workingDirectory: workshop, signal, minutesMax: unpackMinutesMax });
  } finally {
    await rm(workshop, { recursive: true, force: true });
  }
}

async function fetchText(url: string, signal: AbortSignal): Promise<string> {
  return (await fetchBytes(url, AbortSignal.any([signal, AbortSignal.timeout(headMilliseconds)]))).toString('utf8');
}

async function fetchVerified(url: string, checksum: string, signal: AbortSignal): Promise<Buffer> {
  const bytes = await fetchBytes(url, AbortSignal.any([signal, AbortSignal.timeout(bodyMilliseconds)]));
  const actual = createHash('sha256').update(bytes).digest('hex');
  if (actual !== checksum) throw new Error(`${url} has the checksum ${actual}, and ${checksum} is published`);
  return bytes;
}

async function fetchBytes(url: string, signal: AbortSignal): Promise<Buffer> {
  const answer = await fetch(url, { signal });
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}`);
  return Buffer.from(await answer.arrayBuffer());
}

/** fetch says "fetch failed", and why beneath. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}
