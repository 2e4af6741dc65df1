import { canonicalJson } from '../../../shared/api/digest.ts';
import type { JsonObject, JsonValue } from '../../../shared/api/json.ts';
import type { KubernetesObject } from '../../../shared/api/object-ref.ts';
import type { Instant } from '../../../shared/api/time.ts';
import type { TableRenderer } from './extension.ts';
import { jsonOf, objectAt } from './object.ts';
import type { PrinterColumn, ResourceType } from './resource-types.ts';
import { ageOf } from './table-age.ts';
import {
  configMapColumns,
  eventColumns,
  leaseColumns,
  namespaceColumns,
  nodeColumns,
  secretColumns,
  serviceColumns,
  unprintedColumns,
  webhookColumns,
} from './table-cluster.ts';
import { ageColumn, nameColumn, type Cell, type Column } from './table-column.ts';
import { parseJsonPath } from './table-jsonpath.ts';
import { podColumns } from './table-pods.ts';
import { autoscalerColumns, bindingColumns, claimColumns, disruptionBudgetColumns, networkPolicyColumns, quotaColumns } from './table-policy.ts';
import { cronJobColumns, daemonSetColumns, deploymentColumns, jobColumns, replicaSetColumns, statefulSetColumns } from './table-workloads.ts';

const builtInColumns: Readonly<Record<string, readonly Column[]>> = {
  pods: podColumns,
  'deployments.apps': deploymentColumns,
  'replicasets.apps': replicaSetColumns,
  'statefulsets.apps': statefulSetColumns,
  'daemonsets.apps': daemonSetColumns,
  'jobs.batch': jobColumns,
  'cronjobs.batch': cronJobColumns,
  events: eventColumns,
  namespaces: namespaceColumns,
  nodes: nodeColumns,
  configmaps: configMapColumns,
  secrets: secretColumns,
  services: serviceColumns,
  persistentvolumeclaims: claimColumns,
  'leases.coordination.k8s.io': leaseColumns,
  'poddisruptionbudgets.policy': disruptionBudgetColumns,
  'horizontalpodautoscalers.autoscaling': autoscalerColumns,
  'rolebindings.rbac.authorization.k8s.io': bindingColumns,
  'clusterrolebindings.rbac.authorization.k8s.io': bindingColumns,
  'customresourcedefinitions.apiextensions.k8s.io': unprintedColumns,
  'roles.rbac.authorization.k8s.io': unprintedColumns,
  'clusterroles.rbac.authorization.k8s.io': unprintedColumns,
  limitranges: unprintedColumns,
  resourcequotas: quotaColumns,
  'networkpolicies.networking.k8s.io': networkPolicyColumns,
  'mutatingwebhookconfigurations.admissionregistration.k8s.io': webhookColumns,
  'validatingwebhookconfigurations.admissionregistration.k8s.io': webhookColumns,
};

/** Lists, objects and watch events as the Tables that `kubectl get` prints. */
export function tableRenderer(): TableRenderer {
  const columnsOf = columnsByType();
  return {
    wanted: prefersTable,
    render(type, objects, metadata, { now, includeObject }) {
      const columns = columnsOf(type);
      return {
        kind: 'Table',
        apiVersion: 'meta.k8s.io/v1',
        metadata: { ...metadata },
        columnDefinitions: columns.map(definitionOf),
        rows: objects.map((object) => ({ cells: columns.map((column) => column.cell(object, now)), object: carriedOf(object, includeObject) })),
      };
    },
  };
}

/** kubectl names the Table first and plain JSON as its fallback. */
function prefersTable(accept: string | undefined): boolean {
  const [first = ''] = (accept ?? '').split(',');
  return /;\s*as=Table\b/.test(first) && /;\s*g=meta\.k8s\.io\b/.test(first);
}

function definitionOf({ name, type, format = '', description = '', priority }: Column): JsonObject {
  return { name, type, format, description, priority };
}

/** `--show-labels` reads the metadata that go with each row, `--sort-by` asks for the whole object. */
function carriedOf(object: KubernetesObject, includeObject = 'Metadata'): JsonObject | undefined {
  switch (includeObject) {
    case 'Object':
      return jsonOf(object);
    case 'None':
      return undefined;
    default:
      return { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: objectAt(object, 'metadata') };
  }
}

/** Paths are parsed once for each type that a definition establishes. */
function columnsByType(): (type: ResourceType) => readonly Column[] {
  const parsed = new WeakMap<ResourceType, readonly Column[]>();
  return (type) => {
    if (!type.custom) return builtInColumns[type.group === '' ? type.plural : `${type.plural}.${type.group}`] ?? [nameColumn, ageColumn];
    const known = parsed.get(type) ?? [nameColumn, ...(type.columns.length === 0 ? [ageColumn] : type.columns.map(printerColumn))];
    parsed.set(type, known);
    return known;
  };
}

function printerColumn({ name, type, jsonPath, format, description, priority }: PrinterColumn): Column {
  const path = parseJsonPath(jsonPath);
  const cell = (object: KubernetesObject, now: Instant): Cell => {
    const [value] = path(jsonOf(object));
    return value === undefined || value === null ? null : cellOf(type, value, now);
  };
  return { name, type, priority, cell, ...(format !== undefined && { format }), ...(description !== undefined && { description }) };
}

/** A value of another type than its column is not shown. */
function cellOf(type: string, value: JsonValue, now: Instant): Cell {
  switch (type) {
    case 'integer':
      return typeof value === 'number' ? Math.trunc(value) : null;
    case 'number':
      return typeof value === 'number' ? value : null;
    case 'boolean':
      return typeof value === 'boolean' ? value : null;
    case 'date':
      return typeof value === 'string' ? ageOf(value, now) : null;
    default:
      return typeof value === 'object' ? canonicalJson(value) : String(value);
  }
}
