import type { JsonObject } from '../../../../shared/api/json.ts';
import { objectAt, stringAt } from '../object.ts';
import { isEmpty } from '../tidy-metadata.ts';
import { filled, mapped, mappedItems } from './filled.ts';
import { defaultedPod, defaultedPodSpec } from './pod-defaults.ts';
import { canonicalQuantities } from './quantities.ts';
import { defaultedWebhooks } from './webhook-defaults.ts';

/** Per kind, what a kube-apiserver fills in on every write. A kind that is not here has no defaults. */
export const defaultsOfKind: Readonly<Record<string, (object: JsonObject) => JsonObject>> = {
  Pod: defaultedPod,
  Deployment: (object) => withTemplate(mapped(filled(object, { spec: deploymentDefaults }), 'spec', withRollingUpdate)),
  ReplicaSet: (object) => withTemplate(filled(object, { spec: { replicas: 1 } })),
  StatefulSet: (object) => withTemplate(filled(object, { spec: statefulSetDefaults })),
  DaemonSet: (object) => withTemplate(filled(object, { spec: daemonSetDefaults })),
  Job: defaultedJob,
  CronJob: (object) =>
    mapped(filled(object, { spec: cronJobDefaults }), 'spec', (spec) =>
      mapped(spec, 'jobTemplate', (template) => withTemplate(filled(template, { metadata: {} }))),
    ),
  Service: defaultedService,
  Secret: (object) => withoutEmptyData(filled(object, { type: 'Opaque' })),
  ConfigMap: withoutEmptyData,
  Namespace: (object) =>
    filled(object, {
      metadata: { labels: { 'kubernetes.io/metadata.name': stringAt(objectAt(object, 'metadata'), 'name') } },
      spec: { finalizers: ['kubernetes'] },
    }),
  PersistentVolumeClaim: (object) => mapped(filled(object, { spec: { volumeMode: 'Filesystem' } }), 'spec', withStorage),
  ResourceQuota: (object) => mapped(object, 'spec', (spec) => mapped(spec, 'hard', canonicalQuantities)),
  HorizontalPodAutoscaler: (object) => filled(object, { spec: { minReplicas: 1, metrics: [cpuAtEightyPercent] } }),
  NetworkPolicy: (object) =>
    mapped(object, 'spec', (spec) => filled(spec, { policyTypes: spec['egress'] === undefined ? ['Ingress'] : ['Ingress', 'Egress'] })),
  MutatingWebhookConfiguration: defaultedWebhooks,
  ValidatingWebhookConfiguration: defaultedWebhooks,
  Event: (object) => filled(object, { source: {}, firstTimestamp: null, lastTimestamp: null, eventTime: null, reportingComponent: '', reportingInstance: '' }),
};

/** What a new object's status is before anybody has written to it. */
export const initialStatusOfKind: Readonly<Record<string, JsonObject>> = {
  Namespace: { phase: 'Active' },
  PersistentVolumeClaim: { phase: 'Pending' },
  Deployment: {},
  ReplicaSet: { replicas: 0 },
  StatefulSet: { replicas: 0, availableReplicas: 0 },
  DaemonSet: { currentNumberScheduled: 0, desiredNumberScheduled: 0, numberMisscheduled: 0, numberReady: 0 },
  Job: {},
  CronJob: {},
  Service: { loadBalancer: {} },
  HorizontalPodAutoscaler: { desiredReplicas: 0, currentMetrics: null },
  PodDisruptionBudget: { currentHealthy: 0, desiredHealthy: 0, disruptionsAllowed: 0, expectedPods: 0 },
  ResourceQuota: {},
};

const cpuAtEightyPercent: JsonObject = { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } } };

const deploymentDefaults: JsonObject = { replicas: 1, revisionHistoryLimit: 10, progressDeadlineSeconds: 600, strategy: { type: 'RollingUpdate' } };

const statefulSetDefaults: JsonObject = {
  replicas: 1,
  revisionHistoryLimit: 10,
  podManagementPolicy: 'OrderedReady',
  updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0 } },
  persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Retain', whenScaled: 'Retain' },
};

const daemonSetDefaults: JsonObject = {
  revisionHistoryLimit: 10,
  updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1, maxSurge: 0 } },
};

const jobDefaults: JsonObject = {
  parallelism: 1,
  backoffLimit: 6,
  completionMode: 'NonIndexed',
  suspend: false,
  podReplacementPolicy: 'TerminatingOrFailed',
  manualSelector: false,
};

const cronJobDefaults: JsonObject = { concurrencyPolicy: 'Allow', suspend: false, successfulJobsHistoryLimit: 3, failedJobsHistoryLimit: 1 };

function withoutEmptyData(object: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([member, value]) => !['data', 'binaryData'].includes(member) || !isEmpty(value)));
}

function withRollingUpdate(spec: JsonObject): JsonObject {
  const isRolling = stringAt(objectAt(spec, 'strategy'), 'type') === 'RollingUpdate';
  return isRolling ? filled(spec, { strategy: { rollingUpdate: { maxUnavailable: '25%', maxSurge: '25%' } } }) : spec;
}

function withTemplate(object: JsonObject): JsonObject {
  return mapped(object, 'spec', (spec) => mapped(spec, 'template', (template) => mapped(filled(template, { metadata: {} }), 'spec', defaultedPodSpec)));
}

/** A Job finds its pods by its own uid, and its template says so; without labels of its own it has those of the template. */
function defaultedJob(job: JsonObject): JsonObject {
  const spec = objectAt(job, 'spec');
  const isSingle = spec['completions'] === undefined && spec['parallelism'] === undefined;
  const whole = withTemplate(filled(job, { spec: { ...jobDefaults, ...(isSingle && { completions: 1 }) } }));
  const selecting = objectAt(whole, 'spec')['manualSelector'] === true ? whole : withSelector(whole);
  const templateLabels = objectAt(objectAt(objectAt(objectAt(selecting, 'spec'), 'template'), 'metadata'), 'labels');
  const hasLabels = Object.keys(objectAt(objectAt(job, 'metadata'), 'labels')).length > 0;
  return hasLabels ? selecting : mapped(selecting, 'metadata', (metadata) => ({ ...metadata, labels: templateLabels }));
}

function withSelector(job: JsonObject): JsonObject {
  const { name, uid } = objectAt(job, 'metadata');
  const found = { 'batch.kubernetes.io/controller-uid': uid };
  const labels = { ...found, 'controller-uid': uid, 'batch.kubernetes.io/job-name': name, 'job-name': name };
  return filled(job, { spec: { selector: { matchLabels: found }, template: { metadata: { labels } } } });
}

function defaultedService(service: JsonObject): JsonObject {
  const whole = filled(service, { spec: { type: 'ClusterIP', sessionAffinity: 'None', internalTrafficPolicy: 'Cluster' } });
  return mapped(whole, 'spec', (spec) => mappedItems(spec, 'ports', (port) => filled(port, { protocol: 'TCP', targetPort: port['port'] })));
}

function withStorage(spec: JsonObject): JsonObject {
  return mapped(spec, 'resources', (resources) => mapped(resources, 'requests', canonicalQuantities));
}
