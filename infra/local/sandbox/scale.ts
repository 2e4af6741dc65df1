import { isJsonObject, type JsonObject } from '../../../shared/api/json.ts';
import type { KubernetesObject } from '../../../shared/api/object-ref.ts';
import type { ApiResponse } from '../../../shared/kubernetes/request.ts';
import { labelSelectorText } from './label-selector.ts';
import { jsonOf, numberAt, objectAt, stringAt } from './object.ts';
import { applyPatch } from './patch.ts';
import { existing } from './read.ts';
import { bodyObject, type ResourceCall } from './resource-call.ts';
import type { ServerContext } from './server-context.ts';
import { badRequest, conflict, invalid, invalidPatch } from './status-object.ts';
import { updateObject, type Update } from './update.ts';

/** autoscaling/v1 Scale: the replicas of a workload, and nothing else of it. */
export function getScale(server: ServerContext, call: ResourceCall): ApiResponse {
  return { status: 200, body: scaleOf(existing(server, call)) };
}

export function replaceScale(server: ServerContext, call: ResourceCall): Promise<ApiResponse> {
  return updateScale(server, call, () => bodyObject(call));
}

export function patchScale(server: ServerContext, call: ResourceCall): Promise<ApiResponse> {
  return updateScale(server, call, (old) => applyPatch(call, 'Scale', scaleOf(old)));
}

async function updateScale(server: ServerContext, call: ResourceCall, propose: Update['propose']): Promise<ApiResponse> {
  const updated = await updateObject(server, call, { propose, show: scaleOf, taken: (old, scale) => scaled(call, old, scale) });
  return { status: 200, body: scaleOf(updated) };
}

function scaleOf(object: KubernetesObject): JsonObject {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  const replicas = numberAt(objectAt(object, 'spec'), 'replicas') ?? 1;
  const selector = labelSelectorText(objectAt(objectAt(object, 'spec'), 'selector'));
  const status = { replicas: numberAt(objectAt(object, 'status'), 'replicas') ?? 0, selector };
  return { kind: 'Scale', apiVersion: 'autoscaling/v1', metadata: { name, namespace, uid, resourceVersion, creationTimestamp }, spec: { replicas }, status };
}

/** The object with the replicas, and the version, that the Scale says. */
function scaled(call: ResourceCall, old: KubernetesObject, scale: JsonObject): JsonObject {
  const kind = stringAt(scale, 'kind');
  if (kind !== '' && kind !== 'Scale') throw badRequest(`the kind in the data (${kind}) does not match the expected kind (Scale)`);
  const metadata = objectAt(scale, 'metadata');
  const uid = stringAt(metadata, 'uid');
  if (uid !== '' && uid !== old.metadata.uid) {
    throw conflict(
      { ...call.type, plural: `${call.type.plural}/scale` },
      call.name,
      `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${old.metadata.uid ?? ''}`,
    );
  }
  const replicas = wantedReplicas(call.name, scale);
  const resourceVersion = stringAt(metadata, 'resourceVersion');
  return {
    ...jsonOf(old),
    metadata: { ...objectAt(old, 'metadata'), name: stringAt(metadata, 'name'), resourceVersion },
    spec: { ...objectAt(old, 'spec'), replicas },
  };
}

function wantedReplicas(name: string, scale: JsonObject): number {
  const { replicas = 0 } = isJsonObject(scale['spec']) ? scale['spec'] : {};
  if (typeof replicas !== 'number' || !Number.isInteger(replicas)) throw invalidPatch(scale, 'spec.replicas is of type int32');
  if (replicas >= 0) return replicas;
  const message = `Invalid value: ${replicas}: must be greater than or equal to 0`;
  throw invalid({ group: 'autoscaling', kind: 'Scale' }, name, [{ reason: 'FieldValueInvalid', message, field: 'spec.replicas' }]);
}
