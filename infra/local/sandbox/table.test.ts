import { describe, expect, it } from 'vitest';
import { builtInType, printed } from '../../../test/support/table.ts';
import type { JsonObject } from '../../../shared/api/json.ts';
import { kubernetesObject } from './object.ts';
import type { PrinterColumn, ResourceType } from './resource-types.ts';
import { tableRenderer } from './table.ts';

const template = {
  spec: {
    containers: [
      { name: 'api', image: 'payment:1.2' },
      { name: 'proxy', image: 'envoy:1' },
    ],
  },
};
const selector = { matchLabels: { app: 'payment', tier: 'api' } };

const table: readonly [string, JsonObject, JsonObject][] = [
  [
    'Deployment',
    { spec: { replicas: 3, template, selector }, status: { readyReplicas: 2, updatedReplicas: 3, availableReplicas: 2 } },
    { NAME: 'x', READY: '2/3', 'UP-TO-DATE': 3, AVAILABLE: 2, AGE: '5m' },
  ],
  ['Deployment', { spec: { template } }, { NAME: 'x', READY: '0/1', 'UP-TO-DATE': 0, AVAILABLE: 0, AGE: '5m' }],
  ['ReplicaSet', { spec: { replicas: 3, template }, status: { replicas: 3, readyReplicas: 1 } }, { NAME: 'x', DESIRED: 3, CURRENT: 3, READY: 1, AGE: '5m' }],
  ['StatefulSet', { spec: { replicas: 3, template }, status: { readyReplicas: 1 } }, { NAME: 'x', READY: '1/3', AGE: '5m' }],
  [
    'Job',
    { spec: { completions: 1, template }, status: { startTime: '2026-01-15T10:35:20Z' } },
    { NAME: 'x', STATUS: 'Running', COMPLETIONS: '0/1', DURATION: '5m', AGE: '5m' },
  ],
  [
    'Job',
    {
      spec: { template },
      status: { startTime: '2026-01-15T10:35:20Z', completionTime: '2026-01-15T10:35:27Z', succeeded: 1, conditions: [{ type: 'Complete', status: 'True' }] },
    },
    { NAME: 'x', STATUS: 'Complete', COMPLETIONS: '1/1', DURATION: '7s', AGE: '5m' },
  ],
  [
    'Job',
    { spec: { template, suspend: true }, status: { conditions: [{ type: 'Suspended', status: 'True' }] } },
    { NAME: 'x', STATUS: 'Suspended', COMPLETIONS: '0/1', DURATION: '', AGE: '5m' },
  ],
  ['Namespace', { status: { phase: 'Active' } }, { NAME: 'x', STATUS: 'Active', AGE: '5m' }],
  [
    'Node',
    {
      metadata: { labels: { 'node-role.kubernetes.io/worker': '' } },
      spec: { unschedulable: true },
      status: { conditions: [{ type: 'Ready', status: 'True' }], nodeInfo: { kubeletVersion: 'v1.36.3' } },
    },
    { NAME: 'x', STATUS: 'Ready,SchedulingDisabled', ROLES: 'worker', AGE: '5m', VERSION: 'v1.36.3' },
  ],
  ['ConfigMap', { data: { a: '1', b: '2' } }, { NAME: 'x', DATA: 2, AGE: '5m' }],
  ['Lease', { spec: { holderIdentity: 'rr-1' } }, { NAME: 'x', HOLDER: 'rr-1', AGE: '5m' }],
  [
    'Event',
    {
      type: 'Warning',
      reason: 'ExecutionFailed',
      message: ' exit code 1\n',
      involvedObject: { kind: 'KubernetesExecution', name: 'ke-1' },
      firstTimestamp: '2026-01-15T10:30:20Z',
      lastTimestamp: '2026-01-15T10:40:10Z',
    },
    { 'LAST SEEN': '10s', TYPE: 'Warning', REASON: 'ExecutionFailed', OBJECT: 'kubernetesexecution/ke-1', MESSAGE: 'exit code 1' },
  ],
  [
    'Event',
    { eventTime: '2026-01-15T10:40:00.123456Z', involvedObject: { kind: 'Pod' } },
    { 'LAST SEEN': '19s', TYPE: '', REASON: '', OBJECT: 'pod', MESSAGE: '' },
  ],
  [
    'HorizontalPodAutoscaler',
    {
      spec: {
        scaleTargetRef: { kind: 'Deployment', name: 'api' },
        maxReplicas: 5,
        metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { averageUtilization: 80 } } }],
      },
      status: { currentReplicas: 2, currentMetrics: [{ resource: { current: { averageUtilization: 35 } } }] },
    },
    { NAME: 'x', REFERENCE: 'Deployment/api', TARGETS: 'cpu: 35%/80%', MINPODS: '<unset>', MAXPODS: 5, REPLICAS: 2, AGE: '5m' },
  ],
  [
    'PodDisruptionBudget',
    { spec: { minAvailable: '50%' }, status: { disruptionsAllowed: 1 } },
    { NAME: 'x', 'MIN AVAILABLE': '50%', 'MAX UNAVAILABLE': 'N/A', 'ALLOWED DISRUPTIONS': 1, AGE: '5m' },
  ],
  ['RoleBinding', { roleRef: { kind: 'Role', name: 'scaler' } }, { NAME: 'x', ROLE: 'Role/scaler', AGE: '5m' }],
  [
    'CronJob',
    { spec: { schedule: '@daily', suspend: true }, status: { lastScheduleTime: '2026-01-15T10:40:00Z' } },
    { NAME: 'x', SCHEDULE: '@daily', TIMEZONE: '<none>', SUSPEND: 'True', ACTIVE: 0, 'LAST SCHEDULE': '20s', AGE: '5m' },
  ],
  ['ClusterRole', { rules: [] }, { NAME: 'x', 'CREATED AT': '2026-01-15T10:35:20Z' }],
  [
    'ResourceQuota',
    { status: { hard: { pods: '3', 'limits.cpu': '4' }, used: { pods: '1' } } },
    { NAME: 'x', REQUEST: 'pods: 1/3', LIMIT: 'limits.cpu: 0/4', AGE: '5m' },
  ],
  ['NetworkPolicy', { spec: { podSelector: {} } }, { NAME: 'x', 'POD-SELECTOR': '<none>', AGE: '5m' }],
  [
    'PersistentVolumeClaim',
    { spec: { volumeName: 'pv', storageClassName: 'fast' }, status: { phase: 'Bound', capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'] } },
    { NAME: 'x', STATUS: 'Bound', VOLUME: 'pv', CAPACITY: '1Gi', 'ACCESS MODES': 'RWO', STORAGECLASS: 'fast', VOLUMEATTRIBUTESCLASS: '<unset>', AGE: '5m' },
  ],
  ['ServiceAccount', {}, { NAME: 'x', AGE: '5m' }],
];

describe('the table of a built-in kind', () => {
  it.each(table)('prints a %s', (kind, object, expected) => {
    expect(printed(builtInType(kind), object)).toEqual(expected);
  });

  it('adds containers, images and selector for -o wide', () => {
    expect(printed(builtInType('Deployment'), { spec: { template, selector } }, { wide: true })).toMatchObject({
      CONTAINERS: 'api,proxy',
      IMAGES: 'payment:1.2,envoy:1',
      SELECTOR: 'app=payment,tier=api',
    });
  });
});

const columns: readonly PrinterColumn[] = [
  { name: 'PHASE', type: 'string', jsonPath: '.status.phase', priority: 0 },
  { name: 'STEPS', type: 'integer', jsonPath: '.status.totalSteps', priority: 0 },
  { name: 'RESULT', type: 'boolean', jsonPath: '.status.overallSuccess', priority: 0 },
  { name: 'READY', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].status', priority: 0 },
  { name: 'REASON', type: 'string', jsonPath: '.status.reason', priority: 1 },
  { name: 'AGE', type: 'date', jsonPath: '.metadata.creationTimestamp', priority: 0 },
];
const workflow: ResourceType = { ...builtInType('ConfigMap'), kind: 'WorkflowExecution', custom: true, columns };

describe('the table of a custom resource', () => {
  it('prints what its definition names', () => {
    const status = { phase: 'executing', totalSteps: 3, overallSuccess: false, reason: 'x', conditions: [{ type: 'Ready', status: 'False' }] };
    expect(printed(workflow, { status })).toEqual({ NAME: 'x', PHASE: 'executing', STEPS: 3, RESULT: false, READY: 'False', AGE: '5m' });
    expect(printed(workflow, { status }, { wide: true })).toMatchObject({ REASON: 'x' });
  });

  it('prints nothing for what is absent or of another type', () => {
    expect(printed(workflow, { status: { totalSteps: 'three' } })).toEqual({ NAME: 'x', PHASE: null, STEPS: null, RESULT: null, READY: null, AGE: '5m' });
  });

  it('prints name and age when its definition names no column', () => {
    expect(printed({ ...workflow, columns: [] }, {})).toEqual({ NAME: 'x', AGE: '5m' });
  });
});

describe('the renderer', () => {
  it.each([
    ['application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json', true],
    ['application/json', false],
    ['application/json, application/json;as=Table;v=v1;g=meta.k8s.io', false],
    ['application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io', false],
    [undefined, false],
  ])('is wanted by %s: %s', (accept, wanted) => {
    expect(tableRenderer().wanted(accept)).toBe(wanted);
  });

  it('makes a row of each object, which it carries', () => {
    const objects = ['a', 'b'].map((name) => kubernetesObject({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name } }));
    expect(
      tableRenderer().render(builtInType('ServiceAccount'), objects, { resourceVersion: '9' }, { now: '2026-01-15T10:40:20Z', includeObject: 'Object' }),
    ).toMatchObject({
      kind: 'Table',
      metadata: { resourceVersion: '9' },
      rows: [{ cells: ['a', '<unknown>'], object: { metadata: { name: 'a' } } }, { cells: ['b', '<unknown>'] }],
    });
  });
});
