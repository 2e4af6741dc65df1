import type { JsonObject, JsonValue } from '../../shared/api/json.ts';
import { isJsonObject } from '../../shared/api/json.ts';
import { builtInTypes } from '../../infra/local/sandbox/built-in-types.ts';
import { kubernetesObject, listAt, stringAt } from '../../infra/local/sandbox/object.ts';
import type { ResourceType } from '../../infra/local/sandbox/resource-types.ts';
import { tableRenderer } from '../../infra/local/sandbox/table.ts';

export function builtInType(kind: string): ResourceType {
  const type = builtInTypes.find((candidate) => candidate.kind === kind);
  if (type === undefined) throw new Error(`no built-in type ${kind}`);
  return type;
}

/** What a Table prints of one object at 10:40:20, by the heading in capitals; `wide` adds the columns of -o wide. */
export function printed(type: ResourceType, object: JsonObject, options: { readonly wide?: boolean } = {}): Readonly<Record<string, JsonValue>> {
  const identity = { apiVersion: 'v1', kind: type.kind };
  const metadata = { name: 'x', creationTimestamp: '2026-01-15T10:35:20Z', ...(isJsonObject(object['metadata']) ? object['metadata'] : {}) };
  const table = tableRenderer().render(
    type,
    [kubernetesObject({ ...identity, ...object, metadata })],
    { resourceVersion: '7' },
    { now: '2026-01-15T10:40:20Z' },
  );
  const [row] = listAt(table, 'rows').filter(isJsonObject);
  const cells = row === undefined ? [] : listAt(row, 'cells');
  const headings = listAt(table, 'columnDefinitions').filter(isJsonObject);
  return Object.fromEntries(
    headings.flatMap((heading, index) =>
      options.wide === true || heading['priority'] === 0 ? [[stringAt(heading, 'name').toUpperCase(), cells[index] ?? null] as const] : [],
    ),
  );
}
