import { parseAction, resolveAlias } from '../../../shared/actions/index.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../../shared/api/json.ts';
import type { KindName } from '../../../shared/api/kinds.ts';
import { listAt, mapAt, stringAt, valueAt } from '../../../shared/kubernetes/unstructured.ts';

/** Canonical names of the actions, and the reference that the owner already says. */
export function completeWorkflow(object: JsonObject): JsonObject {
  const given = object['spec'];
  if (!isJsonObject(given)) return object;
  const { workflowDefinition: definition, aiRecommendation: recommendation } = given;
  return {
    ...object,
    spec: {
      ...withReference(object, given, ['remediationRequestRef', 'RemediationRequest']),
      ...(isJsonObject(definition) && { workflowDefinition: withSteps(definition) }),
      ...(isJsonObject(recommendation) && { aiRecommendation: canonical(recommendation, 'action') }),
    },
  };
}

/** As of a workflow; and the target that the parameters name, for people to read. */
export function completeExecution(object: JsonObject): JsonObject {
  const given = object['spec'];
  if (!isJsonObject(given)) return object;
  const spec = canonical(withReference(object, given, ['workflowExecutionRef', 'WorkflowExecution']), 'actionType');
  const target = spec['target'] ?? targetOf(spec);
  return { ...object, spec: { ...spec, ...(target !== null && { target }) } };
}

function withSteps(definition: JsonObject): JsonObject {
  const { steps } = definition;
  if (!Array.isArray(steps)) return definition;
  const named = steps.map((step: JsonValue) => {
    if (!isJsonObject(step)) return step;
    const { rollback } = step;
    return { ...canonical(step, 'action'), ...(isJsonObject(rollback) && { rollback: canonical(rollback, 'action') }) };
  });
  return { ...definition, steps: named };
}

function canonical(object: JsonObject, field: 'action' | 'actionType'): JsonObject {
  const name = object[field];
  return typeof name === 'string' ? { ...object, [field]: resolveAlias(name) } : object;
}

/** An owner reference has no namespace of its own: an owner lives beside what it owns. */
function withReference(object: JsonObject, spec: JsonObject, [field, kind]: readonly [string, KindName]): JsonObject {
  const owner = listAt(object, 'metadata', 'ownerReferences').find(
    (reference) => valueAt(reference, 'controller') === true && valueAt(reference, 'kind') === kind,
  );
  const namespace = stringAt(object, 'metadata', 'namespace');
  if (owner === undefined || namespace === null || spec[field] !== undefined) return spec;
  const { apiVersion, name, uid } = mapAt({ owner }, 'owner') as JsonObject;
  return { ...spec, [field]: { apiVersion, kind, name, namespace, uid } };
}

function targetOf({ actionType, actionParams }: JsonObject): JsonObject | null {
  if (typeof actionType !== 'string' || !isJsonObject(actionParams)) return null;
  const parsed = parseAction(actionType, actionParams);
  if (parsed.kind !== 'known') return null;
  const { apiVersion, kind, name, namespace } = parsed.action.target;
  return { apiVersion, kind, name, ...(namespace !== undefined && { namespace }) };
}
