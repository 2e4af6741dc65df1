import { isDeepStrictEqual } from 'node:util';
import { isJsonObject, type JsonObject, type JsonValue } from '../../../../shared/api/json.ts';
import { invalidValue } from '../crd-causes.ts';
import type { Cause } from '../extension.ts';
import { listAt, objectAt } from '../object.ts';

/** A Job's template holds for good. Before a suspended Job runs, a queueing controller may still say where its pods go and what they need. */
export function jobTemplateCauses(spec: JsonObject, old: JsonObject): readonly Cause[] {
  const [template, before] = [objectAt(spec, 'template'), objectAt(old, 'template')];
  if (isDeepStrictEqual(template, before)) return [];
  if (old['suspend'] !== true) return [invalidValue('spec.template', template, 'field is immutable')];
  const isKept = isDeepStrictEqual(fixedPart(objectAt(template, 'spec')), fixedPart(objectAt(before, 'spec')));
  return isKept ? [] : [invalidValue('spec.template.spec', objectAt(template, 'spec'), 'field is immutable')];
}

const directives = new Set(['nodeSelector', 'affinity', 'tolerations', 'schedulingGates']);

function fixedPart(spec: JsonObject): JsonObject {
  const others = Object.entries(spec).filter(([member]) => !directives.has(member));
  return { ...Object.fromEntries(others), containers: listAt(spec, 'containers').map(withoutResources) };
}

function withoutResources(container: JsonValue): JsonValue {
  if (!isJsonObject(container)) return container;
  const { resources: _resources, ...rest } = container;
  return rest;
}
