import type { KubernetesObject } from '../../../shared/api/object-ref.ts';
import type { Instant } from '../../../shared/api/time.ts';
import { ageOf } from './table-age.ts';

/** null is printed as `<none>`. */
export type Cell = string | number | boolean | null;

export interface Column {
  readonly name: string;
  readonly type: string;
  readonly format?: string;
  readonly description?: string;
  /** 0: always shown; above: with -o wide. */
  readonly priority: number;
  cell(object: KubernetesObject, now: Instant): Cell;
}

type CellOf = Column['cell'];

export function textColumn(name: string, cell: CellOf): Column {
  return { name, type: 'string', priority: 0, cell };
}

export function countColumn(name: string, cell: CellOf): Column {
  return { name, type: 'integer', priority: 0, cell };
}

/** Only with -o wide. */
export function wideColumn(name: string, cell: CellOf): Column {
  return { name, type: 'string', priority: 1, cell };
}

export const nameColumn: Column = { name: 'Name', type: 'string', format: 'name', priority: 0, cell: ({ metadata }) => metadata.name };
export const ageColumn: Column = textColumn('Age', ({ metadata }, now) => ageOf(metadata.creationTimestamp, now));
