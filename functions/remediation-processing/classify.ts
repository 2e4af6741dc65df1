import { Environment, type EnvironmentSource, type Priority } from '../../shared/api/cluster-context.ts';
import type { Severity } from '../../shared/api/alert.ts';
import { environmentLabel } from '../../shared/api/labels.ts';

export interface Classification {
  readonly environment: Environment;
  readonly environmentSource: EnvironmentSource;
}

/** In this order; the first that names an environment wins. */
const namespaceLabels = [environmentLabel, 'environment', 'env'] as const;

/** A map, not an object: what a label says may be `constructor`. */
const spellings: ReadonlyMap<string, Environment> = new Map([
  ['prod', 'production'],
  ['prd', 'production'],
  ['stage', 'staging'],
  ['stg', 'staging'],
  ['dev', 'development'],
  ['test', 'development'],
]);

/** A part of the namespace's name, between dashes: `shop-prod`, `staging`, `dev-anna`. */
function byPattern(namespace: string): Environment | undefined {
  return namespace
    .split('-')
    .map((part) => named(part))
    .find((environment) => environment !== undefined);
}

/** `map`: the operator's own table, namespace → environment. Nothing found is unknown, which every gate treats as production. Pure. */
export function classify(namespace: string, labels: Readonly<Record<string, string>>, map: Readonly<Record<string, string>>): Classification {
  const byLabel = namespaceLabels.map((label) => named(labels[label])).find((environment) => environment !== undefined);
  if (byLabel !== undefined) return { environment: byLabel, environmentSource: 'label' };
  const byMap = named(Object.hasOwn(map, namespace) ? map[namespace] : undefined);
  if (byMap !== undefined) return { environment: byMap, environmentSource: 'map' };
  const byName = byPattern(namespace);
  if (byName !== undefined) return { environment: byName, environmentSource: 'pattern' };
  return { environment: 'unknown', environmentSource: 'none' };
}

function named(text: string | undefined): Environment | undefined {
  const lower = (text ?? '').toLowerCase();
  return spellings.get(lower) ?? Environment.find((environment) => environment !== 'unknown' && environment === lower);
}

const priorities: Readonly<Record<Severity, Readonly<Record<Environment, Priority>>>> = {
  critical: { production: 'P0', staging: 'P1', development: 'P2', unknown: 'P1' },
  warning: { production: 'P1', staging: 'P2', development: 'P2', unknown: 'P2' },
  info: { production: 'P2', staging: 'P2', development: 'P2', unknown: 'P3' },
};

export function priorityOf(severity: Severity, environment: Environment): Priority {
  return priorities[severity][environment];
}
