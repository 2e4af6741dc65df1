import * as z from 'zod';
import type { Pod } from '../controllers/pod.ts';

/** The files of one volume, as the container sees them below its mount path. */
export interface PodVolume {
  readonly mountPath: string;
  /** Relative path → content. */
  readonly files: Readonly<Record<string, string>>;
}

class VolumeUnsupported extends Error {
  override readonly name = 'VolumeUnsupported';
}

const itemSchema = z.strictObject({ path: z.string(), fieldRef: z.object({ fieldPath: z.string() }), mode: z.int().optional() });
const downwardSchema = z.object({ items: z.array(itemSchema).default([]) });
const volumeSchema = z.strictObject({
  name: z.string(),
  projected: z.object({ sources: z.array(z.strictObject({ downwardAPI: downwardSchema })) }).optional(),
  downwardAPI: downwardSchema.optional(),
});
const mountSchema = z.looseObject({ name: z.string(), mountPath: z.string().startsWith('/') });
const podVolumesSchema = z.looseObject({
  volumes: z.array(z.looseObject({ name: z.string() })).default([]),
  containers: z.array(z.looseObject({ volumeMounts: z.array(mountSchema).default([]) })).min(1),
});

// A real API server adds this mount to every pod; its token, authority and namespace are in the kubeconfig already.
const accountMountPath = '/var/run/secrets/kubernetes.io/serviceaccount';

/** What the first container mounts. Only the downward API is played: throws VolumeUnsupported, with the name, for anything else. */
export function volumesOf(pod: Pod): readonly PodVolume[] {
  const { volumes, containers } = podVolumesSchema.parse(pod.spec);
  const mounts = (containers[0]?.volumeMounts ?? []).filter(({ mountPath }) => mountPath !== accountMountPath);
  return mounts.map(({ name, mountPath }) => {
    const volume = volumeSchema.safeParse(volumes.find((candidate) => candidate.name === name));
    if (!volume.success) throw new VolumeUnsupported(`volume ${name}: only the downward API is played on this node`);
    const { projected, downwardAPI } = volume.data;
    const items = [...(projected?.sources ?? []).flatMap((source) => source.downwardAPI.items), ...(downwardAPI?.items ?? [])];
    return {
      mountPath: mountPath.replace(/\/+$/, ''),
      files: Object.fromEntries(items.map((item) => [relativePath(item.path), fieldOf(pod, item.fieldRef.fieldPath)])),
    };
  });
}

function relativePath(path: string): string {
  if (path === '' || path.startsWith('/') || path.split('/').some((part) => part === '..' || part === '.')) {
    throw new VolumeUnsupported(`path ${JSON.stringify(path)}: must be relative and stay inside the volume`);
  }
  return path;
}

/** The downward API's fields that a file may hold. */
function fieldOf({ metadata }: Pod, fieldPath: string): string {
  const [, map, key = ''] = /^metadata\.(annotations|labels)\['([^']+)'\]$/.exec(fieldPath) ?? [];
  if (map === 'annotations') return metadata.annotations[key] ?? '';
  if (map === 'labels') return metadata.labels[key] ?? '';
  const fields: Readonly<Record<string, string>> = { 'metadata.name': metadata.name, 'metadata.namespace': metadata.namespace, 'metadata.uid': metadata.uid };
  const value = fields[fieldPath];
  if (value === undefined) throw new VolumeUnsupported(`fieldPath ${fieldPath}: this node projects annotations, labels, name, namespace and uid`);
  return value;
}
