import type { JsonObject } from '../../../shared/api/json.ts';
import type { KubernetesObject } from '../../../shared/api/object-ref.ts';
import { objectOf } from '../../../shared/kubernetes/cluster.ts';
import type { ObjectKey } from '../../../shared/kubernetes/ports.ts';
import { objectPath } from '../../../shared/kubernetes/resource-path.ts';
import type { Connection } from './connection.ts';

const timeoutMilliseconds = 15_000; // admission may ask a function that has to start first
const fieldManager = 'kubernaut-cli'; // a person's change, and not the functions'

/** A merge patch as the user of the kubeconfig; null removes. Answers the object as it stands then. Throws ApiError. */
export async function patchObject(key: ObjectKey, body: JsonObject, { transport }: Connection): Promise<KubernetesObject> {
  const request = { method: 'PATCH', path: objectPath(key), patchType: 'application/merge-patch+json', query: { fieldManager }, body } as const;
  const answer = await transport.send(request, timeoutMilliseconds);
  for (const warning of answer.warnings ?? []) console.error(`warning: ${warning}`); // as kubectl tells them
  return objectOf(request, answer) as unknown as KubernetesObject;
}
