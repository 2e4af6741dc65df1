import type { KubernetesObject } from '../../shared/api/object-ref.ts';
import { addSeconds } from '../../shared/api/time.ts';
import { objectPath } from '../../shared/kubernetes/resource-path.ts';
import { connectControlPlane, succeeded } from './control-plane.ts';
import type { RealStack } from './real-stack.ts';

/** The request is past its retention by a second. As the functions, since nobody else may write a status. */
export async function expire({ kubeconfig, clock }: Pick<RealStack, 'kubeconfig' | 'clock'>, { apiVersion, kind, metadata }: KubernetesObject): Promise<void> {
  const api = connectControlPlane(kubeconfig);
  const functions = api.withToken(await api.tokenOf('kubernaut-functions'));
  const path = objectPath({ apiVersion, kind, name: metadata.name, namespace: 'kubernaut-system' });
  const body = { status: { cleanupScheduledAt: addSeconds(clock.now(), -1) } };
  succeeded(await functions('PATCH', `${path}/status`, { body, headers: { 'content-type': 'application/merge-patch+json' } }));
}
