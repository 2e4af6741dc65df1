import * as z from 'zod';
import { actionNames } from '../../shared/actions/index.ts';
import { defaultCluster } from '../../shared/api/labels.ts';
import { labelSchema, nameSchema } from '../../shared/api/names.ts';
import { environmentSchema } from '../../shared/environment.ts';
import { defaultImage } from './policy-settings.ts';

const { KUBERNAUT_KUBECTL_IMAGE: pinnedImage, KUBERNAUT_LOG_LEVEL: logLevel } = environmentSchema.unwrap().shape;

const namespaces = z.array(labelSchema).max(200).default([]);
/** Of a Kubernetes user or group; it stands in a CEL list, where a control character has no place. */
const subjectNames = z
  .array(
    z
      .string()
      .min(1)
      .max(256)
      .regex(/^[!-~]+$/),
  )
  .max(20)
  .default([]);
/** "" where nothing is said: one pattern says more in a refusal than a union does. */
const optionalUrl = z
  .string()
  .max(2_048)
  .regex(/^(https?:\/\/\S+)?$/)
  .default('');
const optionalName = z
  .string()
  .max(253)
  .regex(/^([a-z0-9]([-a-z0-9.]*[a-z0-9])?)?$/)
  .default('');
const quantity = z.string().regex(/^\d+(\.\d+)?(m|[KMGT]i?)?$/);
const resourceList = z.strictObject({ cpu: quantity.optional(), memory: quantity.optional() });
const labels = z.record(z.string(), z.string()).default({});
/** Parts of a pod that Kubernetes knows better than we. */
const asKubernetesHasIt = z.looseObject({});
/** Pods leave a lost node after five minutes otherwise, and remediation is slow for as long. */
function leavesSoon(condition: string) {
  return { key: `node.kubernetes.io/${condition}`, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 30 };
}
const port = z.int().min(1).max(65_535);

const crds = z.strictObject({ install: z.boolean().default(true) }).prefault({});

const functions = z
  .strictObject({
    serviceAccount: z.strictObject({ create: z.boolean().default(true) }).prefault({}),
    users: subjectNames,
    groups: subjectNames,
  })
  .prefault({});

const oneAction = z.strictObject({ enabled: z.boolean().optional(), namespaces: namespaces.removeDefault().optional() });
const actions = z
  .strictObject({
    enabled: z.boolean().default(true),
    namespaces,
    byName: z.strictObject(Object.fromEntries(actionNames.map((name) => [name, oneAction.optional()]))).prefault({}),
  })
  .prefault({});

const executor = z
  .strictObject({
    images: z.array(pinnedImage.removeDefault()).min(1).max(10).default([defaultImage]),
    networkPolicy: z.strictObject({ enabled: z.boolean().default(true), apiServerPorts: z.array(port).min(1).default([443, 6443]) }).prefault({}),
  })
  .prefault({});

const policies = z.strictObject({ enabled: z.boolean().default(true), protectedNamespaces: namespaces }).prefault({});

const admission = z
  .strictObject({
    enabled: z.boolean().default(true),
    url: z
      .string()
      .max(2_048)
      // What the API server takes: no user info, query or fragment.
      .regex(/^(https:\/\/[^\s?#@'"]+)?$/)
      .default(''),
    caBundle: z
      .string()
      .max(65_536)
      .regex(/^[A-Za-z0-9+/]*=*$/)
      .default(''),
  })
  .prefault({});

const people = z
  .strictObject({
    create: z.boolean().default(true),
    aggregateToView: z.boolean().default(true),
    operator: z
      .strictObject({ plan: z.boolean().default(true), pauseNamespaces: z.boolean().default(false), aggregateToEdit: z.boolean().default(false) })
      .prefault({}),
  })
  .prefault({});

const image = z
  .strictObject({
    repository: z.string().max(255).default(''),
    tag: z
      .string()
      .max(128)
      .regex(/^[\w.-]*$/)
      .default(''),
    digest: z
      .string()
      .regex(/^(sha256:[0-9a-f]{64})?$/)
      .default(''),
    pullPolicy: z.enum(['IfNotPresent', 'Always', 'Never']).default('IfNotPresent'),
    pullSecrets: z.array(nameSchema).max(10).default([]),
  })
  .prefault({});

const watcherNetworkPolicy = z
  .strictObject({
    enabled: z.boolean().default(true),
    egressPorts: z.array(port).min(1).default([443, 6443]),
    metricsFrom: z
      .array(asKubernetesHasIt)
      .max(20)
      .default([{ namespaceSelector: {} }]),
  })
  .prefault({});

const serviceMonitor = z
  .strictObject({
    enabled: z.boolean().default(false),
    labels,
    interval: z
      .string()
      .regex(/^\d+(s|m)$/)
      .default('30s'),
  })
  .prefault({});

const watcher = z
  .strictObject({
    enabled: z.boolean().default(true),
    replicas: z.int().min(1).max(3).default(1),
    image,
    logLevel,
    awsRegion: z
      .string()
      .max(32)
      .regex(/^[a-z0-9-]*$/)
      .default(''),
    sqsEndpoint: optionalUrl,
    credentialsSecret: optionalName,
    serviceAccount: z.strictObject({ annotations: labels }).prefault({}),
    resources: z
      .strictObject({ requests: resourceList.default({ cpu: '50m', memory: '96Mi' }), limits: resourceList.default({ memory: '256Mi' }) })
      .prefault({}),
    networkPolicy: watcherNetworkPolicy,
    serviceMonitor,
    podLabels: labels,
    podAnnotations: labels,
    nodeSelector: labels,
    tolerations: z.array(asKubernetesHasIt).max(50).default(['not-ready', 'unreachable'].map(leavesSoon)),
    affinity: asKubernetesHasIt.default({}),
    priorityClassName: optionalName,
  })
  .prefault({});

/** What an operator may set, all of it: an unknown key is refused by its name. Source of values.schema.json; values.yaml holds the defaults, with words. */
export const chartValuesSchema = z.strictObject({
  cluster: z.string().min(1).max(63).default(defaultCluster),
  queueUrlPrefix: optionalUrl,
  crds,
  functions,
  actions,
  executor,
  policies,
  admission,
  people,
  watcher,
  // Helm hands these to a chart that is a part of another.
  global: asKubernetesHasIt.optional(),
});
