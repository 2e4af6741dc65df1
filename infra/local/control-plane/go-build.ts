import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import * as z from 'zod';
import { goVersion, runGo } from './go-command.ts';
import { etcdModule, kubernetesModule, type GoModule } from './go-module.ts';
import type { Made, Maker, Making } from './maker.ts';
import { kubernetesVersion, type Program } from './release.ts';

/** Builds them from Go modules, with the go command on PATH and the module proxy that it is configured for. */
export const goBuild: Maker = { source: 'a build with go', make: buildAll };

async function buildAll(wanted: readonly Program[], making: Making): Promise<Made> {
  const go = await goVersion(making);
  if (go === null) return { programs: [], why: 'there is no go command on PATH to build it with' };
  try {
    await buildPrograms(wanted, making, go);
    return { programs: wanted, why: null };
  } catch (error) {
    making.signal.throwIfAborted();
    return { programs: [], why: `building it with ${go} failed (${messageOf(error)})` };
  }
}

/** Builds etcd, and anything else as a command of Kubernetes, into the directory. Throws with the go command's last words. */
export async function buildPrograms(wanted: readonly string[], making: Making, go: string): Promise<void> {
  const workshop = join(making.directory, 'go');
  await mkdir(workshop, { recursive: true });
  try {
    const ofKubernetes = wanted.filter((program) => program !== 'etcd');
    if (wanted.includes('etcd')) await buildModule(etcdModule(), { ...making, workshop, go });
    if (ofKubernetes.length > 0) await buildModule(kubernetesModule(await kubernetesGoMod(making, workshop), ofKubernetes), { ...making, workshop, go });
  } finally {
    await rm(workshop, { recursive: true, force: true });
  }
}

const downloadSchema = z.object({ GoMod: z.string() });

async function kubernetesGoMod(making: Making, workshop: string): Promise<string> {
  making.tell(`fetching k8s.io/kubernetes v${kubernetesVersion} as a Go module`);
  const printed = await runGo(['mod', 'download', '-json', `k8s.io/kubernetes@v${kubernetesVersion}`], making, workshop);
  return readFile(downloadSchema.parse(JSON.parse(printed)).GoMod, 'utf8');
}

async function buildModule(module: GoModule, making: Making & { readonly workshop: string; readonly go: string }): Promise<void> {
  const place = join(making.workshop, Object.keys(module.packages)[0] ?? '');
  for (const [path, content] of Object.entries(module.files)) {
    await mkdir(dirname(join(place, path)), { recursive: true });
    await writeFile(join(place, path), content);
  }
  await runGo(['mod', 'tidy'], making, place);
  for (const [program, path] of Object.entries(module.packages)) {
    making.tell(`building ${program} with ${making.go}; the first time this takes minutes`);
    await runGo(['build', '-trimpath', '-ldflags', module.ldflags, '-o', join(making.directory, program), path], making, place);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
