import { isJsonObject, type JsonObject } from '../../../shared/api/json.ts';
import type { ApiResponse } from '../../../shared/kubernetes/request.ts';
import { isDeleting, jsonOf, kubernetesObject, listAt, objectAt, stringAt } from './object.ts';
import { existing } from './read.ts';
import { bodyObject, type ResourceCall } from './resource-call.ts';
import type { ServerContext } from './server-context.ts';
import { badRequest, conflict } from './status-object.ts';

/** POST of a Binding: the only way in which a pod comes to a node after its creation. */
export function bindPod(server: ServerContext, call: ResourceCall): ApiResponse {
  const { type, name, dryRun } = call;
  const pod = existing(server, call);
  const { target, uid } = bindingOf(call);
  const node = stringAt(target, 'name');
  if (node === '' || !['', 'Node'].includes(stringAt(target, 'kind'))) throw badRequest('target: is {kind: Node, name}: the node that the pod is to run on');
  if (uid !== '' && uid !== pod.metadata.uid) {
    throw conflict(
      { ...type, plural: 'pods/binding' },
      name,
      `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${pod.metadata.uid ?? ''}`,
    );
  }
  const spec = objectAt(pod, 'spec');
  const assigned = stringAt(spec, 'nodeName');
  if (assigned !== '') throw conflict({ ...type, plural: 'pods/binding' }, name, `pod ${name} is already assigned to node ${JSON.stringify(assigned)}`);
  if (isDeleting(pod)) throw conflict({ ...type, plural: 'pods/binding' }, name, `pod ${name} is being deleted, cannot be assigned to a host`);
  const status = objectAt(pod, 'status');
  const others = listAt(status, 'conditions').filter((condition) => !isJsonObject(condition) || condition['type'] !== 'PodScheduled');
  const scheduled = { type: 'PodScheduled', status: 'True', lastProbeTime: null, lastTransitionTime: server.clock.now() };
  const bound = kubernetesObject({ ...jsonOf(pod), spec: { ...spec, nodeName: node }, status: { ...status, conditions: [...others, scheduled] } });
  if (!dryRun) server.store.replace(type, bound);
  return { status: 201, body: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 } };
}

/** A uid in the Binding's metadata names the incarnation of the pod that is meant. */
function bindingOf(call: ResourceCall): { readonly target: JsonObject; readonly uid: string } {
  const binding = bodyObject(call);
  return { target: objectAt(binding, 'target'), uid: stringAt(objectAt(binding, 'metadata'), 'uid') };
}
