import type { JsonObject } from '../api/json.ts';
import type { KubernetesObject } from '../api/object-ref.ts';
import { stringAt, valueAt } from '../kubernetes/unstructured.ts';
import { touchedKeys, type ConfigParams } from './config-parameters.ts';

/**
 * JSON Patch from the ConfigMap as read to the one wanted. Each change is preceded by a `test` of what was read, and the first tests the uid:
 * a repeat or a race then fails as a whole and changes nothing. Keys that already are as wanted are left out.
 */
export function configPatch(params: ConfigParams, target: KubernetesObject): readonly JsonObject[] {
  const changes = touchedKeys(params).flatMap((key) => changeOf(key, stringAt(target, 'data', key), stringAt(params, 'data', key)));
  const hasData = valueAt(target, 'data') !== undefined;
  return [test('/metadata/uid', target.metadata.uid ?? ''), ...(hasData || changes.length === 0 ? [] : emptyData), ...changes];
}

/** Null: absent now, or to be absent. */
function changeOf(key: string, current: string | null, wanted: string | null): readonly JsonObject[] {
  const path = `/data/${escaped(key)}`;
  if (current === wanted) return [];
  if (current === null) return [absent(path), { op: 'add', path, value: wanted }];
  if (wanted === null) return [test(path, current), { op: 'remove', path }];
  return [test(path, current), { op: 'replace', path, value: wanted }];
}

/** A ConfigMap made without data has no object to add a key to. */
const emptyData: readonly JsonObject[] = [absent('/data'), { op: 'add', path: '/data', value: {} }];

function test(path: string, value: string): JsonObject {
  return { op: 'test', path, value };
}

/** The API server's JSON Patch takes a test for null as one for absence; there is no other way to say "still not there". */
function absent(path: string): JsonObject {
  return { op: 'test', path, value: null };
}

/** RFC 6901: '~' and '/' have a meaning in a pointer. */
function escaped(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1');
}
