import { chmod, mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Pod } from '../controllers/pod.ts';
import type { Mount } from './arguments.ts';
import { volumesOf } from './pod-files.ts';

/** What a kubectl process of one pod has of this machine, and nothing else. */
export interface PodDirectory {
  readonly mounts: readonly Mount[];
  readonly workingDirectory: string;
  /** The whole environment of the process: nothing of ours, and no PATH, so that it finds no plugin. */
  readonly environment: Readonly<Record<string, string>>;
  remove(): Promise<void>;
}

export interface PodDirectoryOptions {
  /** Of this run of the node, for its owner only. */
  readonly runDirectory: string;
  readonly pod: Pod;
  /** Holds the pod's token. */
  readonly kubeconfig: string;
}

const ownerOnly = { mode: 0o700, recursive: true };

/** Throws VolumeUnsupported for a pod whose volumes this node cannot lay out. */
export async function createPodDirectory({ runDirectory, pod, kubeconfig }: PodDirectoryOptions): Promise<PodDirectory> {
  const volumes = volumesOf(pod);
  const root = join(runDirectory, `pod-${pod.metadata.uid}`);
  const [home, temporary, cache] = [join(root, 'home'), join(root, 'tmp'), join(runDirectory, 'cache')];
  for (const directory of [root, home, temporary, cache]) await mkdir(directory, ownerOnly);
  const kubeconfigFile = join(root, 'kubeconfig');
  await writeFile(kubeconfigFile, kubeconfig, { mode: 0o600 });
  const mounts = volumes.map(({ mountPath }, index) => ({ mountPath, directory: join(root, `volume-${index}`) }));
  for (const [index, { files }] of volumes.entries()) await layOut(mounts[index]?.directory ?? root, files);
  return {
    mounts,
    workingDirectory: temporary,
    environment: { HOME: home, TMPDIR: temporary, KUBECONFIG: kubeconfigFile, KUBECACHEDIR: cache },
    remove: () => rm(root, { recursive: true, force: true }),
  };
}

async function layOut(directory: string, files: Readonly<Record<string, string>>): Promise<void> {
  await mkdir(directory, ownerOnly);
  for (const [path, content] of Object.entries(files)) {
    const file = join(directory, path);
    await mkdir(dirname(file), ownerOnly);
    await writeFile(file, content, { mode: 0o600 });
    await chmod(file, 0o400);
  }
}
