import { stringAt } from '../../../shared/kubernetes/unstructured.ts';
import type { ApiClient } from '../controllers/api-client.ts';
import type { Pod } from '../controllers/pod.ts';

const tokenSeconds = 3_600;

/** Of the pod's ServiceAccount, and bound to the pod: worth nothing once the pod is gone, and the API server knows from it which pod asks. */
export async function requestPodToken(client: ApiClient, { metadata, spec }: Pod): Promise<string> {
  const path = `/api/v1/namespaces/${metadata.namespace}/serviceaccounts/${spec.serviceAccountName}/token`;
  const boundObjectRef = { apiVersion: 'v1', kind: 'Pod', name: metadata.name, uid: metadata.uid };
  const answer = await client.send({
    method: 'POST',
    path,
    body: { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { expirationSeconds: tokenSeconds, boundObjectRef } },
  });
  const token = stringAt(answer, 'status', 'token');
  if (token === null) throw new Error(`requesting a token for ${spec.serviceAccountName}: the answer holds none`);
  return token;
}
