import { fieldManager, managedByLabel } from '../../shared/api/labels.ts';
import { resolvedLeaseName } from '../../shared/api/names.ts';
import type { Instant } from '../../shared/api/time.ts';
import { isAlreadyExists } from '../../shared/kubernetes/errors.ts';
import type { Cluster } from '../../shared/kubernetes/ports.ts';

const leaseKind = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease' } as const;
const memorySeconds = 1_209_600; // 14 days, as long as a dead letter may wait for its redrive; the sweeper removes it then

/** A Lease remembers a resolution that came before its firing, so that the firing, when it comes, starts nothing. */
export async function rememberResolved(cluster: Cluster, namespace: string, { name, now }: { readonly name: string; readonly now: Instant }): Promise<void> {
  try {
    await cluster.create({
      ...leaseKind,
      metadata: { name: resolvedLeaseName(name), namespace, labels: { [managedByLabel]: fieldManager } },
      spec: { holderIdentity: fieldManager, leaseDurationSeconds: memorySeconds, acquireTime: now.replace(/Z$/, '.000000Z') },
    });
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
  }
}

export async function isRememberedAsResolved(cluster: Cluster, namespace: string, name: string): Promise<boolean> {
  return (await cluster.get({ ...leaseKind, name: resolvedLeaseName(name), namespace })) !== null;
}
