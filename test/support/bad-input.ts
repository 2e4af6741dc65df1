import { sha256Hex } from '../../shared/api/digest.ts';
import { kinds, type KindName } from '../../shared/api/kinds.ts';
import type { JsonObject } from '../../shared/api/json.ts';
import type { KubernetesObject } from '../../shared/api/object-ref.ts';
import { aCandidate, aFinding, anAnswer } from './analyses.ts';

const namespace = 'kubernaut-system';

export interface Step {
  readonly name?: string;
  readonly action?: string;
  readonly parameters?: JsonObject;
  readonly dependencies?: readonly string[];
}
/** Scale payment-api to one. */
export const scale = (parameters: JsonObject = {}): Step => ({
  parameters: { namespace: 'production', deployment: 'payment-api', replicas: 1, ...parameters },
});

/** What is wrong with the steps of a workflow, how planning ends it, and what the analysis of the same says, which lets graphs pass. */
export interface BadSteps {
  readonly steps: readonly Step[];
  readonly planned: readonly [reason: string, message: string];
  /** Null: the analysis has no say in it, and the workflow that is made of it ends as the one by hand. */
  readonly analysed: string | null;
}
const field = (path: string) => `workflowDefinition.steps[0].${path}`;
const unsafe = (message: string) => ['safety_validation_failed', message] as const;
export const badSteps: Readonly<Record<string, BadSteps>> = {
  'unknown-action': {
    steps: [{ ...scale(), action: 'scale_deploymnt' }],
    planned: unsafe(`${field('action')}: scale_deploymnt is no action of the catalogue: did you mean scale_deployment?`),
    analysed: 'action: scale_deploymnt is no action of the catalogue: did you mean scale_deployment?',
  },
  'action-for-a-shell': {
    steps: [{ ...scale(), action: 'scale; kubectl delete ns production' }],
    planned: unsafe(`${field('action')}: this name is no action of the catalogue`),
    analysed: 'action: this name is no action of the catalogue',
  },
  'action-without-template': {
    steps: [{ action: 'custom_script', parameters: { script: 'rm -rf /' } }],
    planned: unsafe(`${field('action')}: custom_script is not enabled`),
    analysed: 'action: custom_script is not enabled',
  },
  'missing-parameter': {
    steps: [{ parameters: { namespace: 'production', deployment: 'payment-api' } }],
    planned: unsafe(`${field('parameters.replicas')}: is missing`),
    analysed: 'parameters.replicas: is missing',
  },
  'extra-parameter': {
    steps: [scale({ replica: 3 })],
    planned: unsafe(`${field('parameters.replica')}: is no parameter of scale_deployment: did you mean replicas?`),
    analysed: 'parameters.replica: is no parameter of scale_deployment: did you mean replicas?',
  },
  'value-like-a-flag': {
    steps: [scale({ deployment: '--all' })],
    planned: unsafe(`${field('parameters.deployment')}: must be the name of a Deployment`),
    analysed: 'parameters.deployment: must be the name of a Deployment',
  },
  'no-kubernetes-name': {
    steps: [scale({ deployment: 'Payment_API' })],
    planned: unsafe(`${field('parameters.deployment')}: must be the name of a Deployment`),
    analysed: 'parameters.deployment: must be the name of a Deployment',
  },
  'name-that-climbs': {
    steps: [scale({ deployment: '../../secrets/db' })],
    planned: unsafe(`${field('parameters.deployment')}: must be the name of a Deployment`),
    analysed: 'parameters.deployment: must be the name of a Deployment',
  },
  'number-as-text': {
    steps: [scale({ replicas: '3' })],
    planned: unsafe(`${field('parameters.replicas')}: must be a whole number from 0 to 1000`),
    analysed: 'parameters.replicas: must be a whole number from 0 to 1000',
  },
  'protected-namespace': {
    steps: [scale({ namespace: 'kube-system' })],
    planned: unsafe(`${field('parameters.namespace')}: must be none of kube-system`),
    analysed: 'parameters.namespace: must be none of kube-system',
  },
  'our-own-namespace': {
    steps: [scale({ namespace })],
    planned: unsafe(`${field('parameters.namespace')}: ${namespace} is protected`),
    analysed: `parameters.namespace: must be none of`,
  },
  'missing-step': {
    steps: [{ ...scale(), name: 'a', dependencies: ['b'] }],
    planned: ['dependency_resolution_failed', `${field('dependencies[0]')}: unknown dependency "b"`],
    analysed: null,
  },
  'duplicate-names': {
    steps: [
      { ...scale(), name: 'a' },
      { ...scale(), name: 'a' },
    ],
    planned: ['dependency_resolution_failed', 'workflowDefinition.steps[1].name: duplicate step name "a", already used by workflowDefinition.steps[0]'],
    analysed: null,
  },
  'step-name-with-blanks': {
    steps: [{ ...scale(), name: 'Scale up' }],
    planned: ['dependency_resolution_failed', `${field('name')}: "Scale up" must be lower case letters`],
    analysed: null,
  },
};

/** The catalogue's own mistakes again, where an execution is made by hand; and its fields beside the parameters. */
export const badExecutions: Readonly<Record<string, readonly [spec: JsonObject, reason: string, message: string]>> = {
  'unknown-action': [{ actionType: 'scale_deploymnt' }, 'unknown_action', 'spec.actionType: scale_deploymnt is no action'],
  'action-without-template': [{ actionType: 'custom_script', actionParams: {} }, 'action_not_enabled', 'spec.actionType: custom_script is not enabled'],
  'extra-parameter': [{ actionParams: { ...scale().parameters, replica: 3 } }, 'invalid_parameters', 'spec.actionParams.replica: is no parameter'],
  'value-like-a-flag': [{ actionParams: { ...scale().parameters, deployment: '-A' } }, 'invalid_parameters', 'spec.actionParams.deployment: must be'],
  'protected-namespace': [
    { actionParams: { ...scale().parameters, namespace: 'kube-public' } },
    'protected_namespace',
    'spec.actionParams: namespace: must be none of',
  ],
  'another-cluster': [{ targetCluster: { name: 'moon', namespace: 'production' } }, 'unknown_cluster', 'spec.targetCluster.name: "moon" is unknown'],
  'another-target': [
    { target: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'worker', namespace: 'production' } },
    'invalid_parameters',
    'spec.target.name: is "worker", but the parameters of scale_deployment say "payment-api"',
  ],
};

/** Alerts that lead nowhere, by their labels. */
export const badAlerts: Readonly<Record<string, readonly [labels: Readonly<Record<string, string>>, reason: string, message: string]>> = {
  'another-cluster': [
    { namespace: 'production', deployment: 'payment-api', cluster: 'moon' },
    'unknown_cluster',
    'the labels kubernaut.io/cluster or cluster name "moon", and only "primary-cluster" is registered',
  ],
  'protected-target': [{ namespace: 'kube-system', deployment: 'coredns' }, 'protected_namespace', 'kube-system'],
  'no-target': [{ severity: 'critical' }, 'target_not_found', 'deployment'],
  'no-namespace': [{ deployment: 'payment-api' }, 'target_not_found', 'namespace'],
  'no-kubernetes-name': [
    { namespace: 'production', deployment: '--all' },
    'target_not_found',
    'passed over, because the value is no Kubernetes name: deployment',
  ],
};

const key = (kind: KindName, overrides: JsonObject = {}) => ({ cluster: 'primary-cluster', kind, namespace, name: 'nobody', cause: 'watch', ...overrides });

/** What can never be handled, of each queue: the text as it is sent, then what its dead letter says. */
export function badMessages(kind: KindName): readonly (readonly [sentence: string, body: string, field: string, reason: string])[] {
  const other = kind === 'AIAnalysis' ? 'WorkflowExecution' : 'AIAnalysis';
  return [
    ['no JSON', '{"cluster": "primary-cluster"', 'body', 'is not JSON'],
    ['no text', '', 'body', 'is not JSON'],
    ['a list', ' [ 1 , 2 ] ', 'body', 'Invalid input: expected object, received array'],
    ['no name', JSON.stringify(key(kind, { name: undefined })), 'name', 'Invalid input: expected string, received undefined'],
    ['an unknown cause', JSON.stringify(key(kind, { cause: 'whim' })), 'cause', 'Invalid option'],
    ['another kind', JSON.stringify(key(other)), 'kind', `this queue carries ${kind} only`],
    ['a kind of nobody’s', JSON.stringify(key(kind, { kind: 'Secret' })), 'kind', `this queue carries ${kind} only`],
    ['another cluster', JSON.stringify(key(kind, { cluster: 'moon' })), 'cluster', 'this function serves primary-cluster only'],
    ['another namespace', JSON.stringify(key(kind, { namespace: 'production' })), 'namespace', `our resources live in ${namespace} only`],
    ['a timer of no phase', JSON.stringify(key(kind, { cause: 'timer' })), 'phase', 'is required when cause is timer'],
    ['more than a key', JSON.stringify(key(kind, { note: 'ü\u0000\\'.repeat(700) })), 'body', 'bytes'],
    ['a null byte', '\u0000', 'body', 'is not JSON'],
    ['XML', '<message/>', 'body', 'is not JSON'],
    ['null', 'null', 'body', 'expected object, received null'],
    ['a number without end', '1e999', 'body', 'Invalid input'],
    ['a text', '"rr-1"', 'body', 'expected object, received string'],
    ['a thousand levels', '['.repeat(1_000) + ']'.repeat(1_000), 'body', 'is nested deeper than 100 levels'],
    ['256 KiB of levels', '['.repeat(131_072) + ']'.repeat(131_072), 'body', 'has 262144 bytes'],
    ['a key in a prototype', `{"__proto__":${JSON.stringify(key(kind))}}`, 'cluster', 'expected string, received undefined'],
    ['the kind __proto__', JSON.stringify(key(kind, { kind: '__proto__' })), 'kind', `this queue carries ${kind} only`],
    ['the kind constructor', JSON.stringify(key(kind, { kind: 'constructor' })), 'kind', `this queue carries ${kind} only`],
    ['a kind that is a list', JSON.stringify(key(kind, { kind: [kind] })), 'kind', 'expected string, received array'],
    ['the cluster __proto__', JSON.stringify(key(kind, { cluster: '__proto__' })), 'cluster', 'this function serves primary-cluster only'],
    ['a namespace that climbs', JSON.stringify(key(kind, { namespace: '../kube-system' })), 'namespace', `our resources live in ${namespace} only`],
    ['a namespace with a blank', JSON.stringify(key(kind, { namespace: `${namespace} ` })), 'namespace', `our resources live in ${namespace} only`],
    ['no namespace', JSON.stringify(key(kind, { namespace: '' })), 'namespace', 'Too small'],
    ...hostileNames.map(
      (name, index) => [`hostile name ${index}`, JSON.stringify(key(kind, { name })), 'name', 'must be the name of a Kubernetes object'] as const,
    ),
    ['a name that is a number', JSON.stringify(key(kind, { name: 5 })), 'name', 'expected string, received number'],
    ['a phase that is a number', JSON.stringify(key(kind, { cause: 'timer', phase: 1 })), 'phase', 'expected string, received number'],
    ['a phase without end', JSON.stringify(key(kind, { cause: 'timer', phase: 'p'.repeat(64) })), 'phase', 'Too big'],
    ['a version without end', JSON.stringify(key(kind, { resourceVersion: '9'.repeat(65) })), 'resourceVersion', 'Too big'],
  ];
}

/** Each could name something else in a path, or nothing at all. */
const hostileNames: readonly string[] = [
  '',
  ' ',
  '.',
  '..',
  '../../secrets/x',
  'nobody/status',
  'nobody/../../../secrets/x',
  '/api/v1/secrets',
  'nobody?dryRun=All',
  'nobody#x',
  'nobody%2f..',
  'Nobody',
  'nobody_',
  '-nobody',
  'nobody\n',
  'nobody\u0000',
  'nobody\u001b[31m',
  'nobödy',
  'ｎobody',
  'nobody\u202e',
  'nobody\u200b',
  '\ud800',
  '$(id)',
  '{{.name}}',
  '__proto__',
  'n'.repeat(254),
];

/** What is harmless: fields that nobody knows, and names that only JavaScript has a use for. */
export function oddMessages(kind: KindName): readonly string[] {
  return [
    JSON.stringify(key(kind, { note: { deep: [[[]]] }, version: 99 })),
    JSON.stringify(key(kind)).replace('{', '{"__proto__":{"kind":"Secret"},"constructor":"x",'),
    JSON.stringify(key(kind, { name: 'constructor' })),
    JSON.stringify(key(kind, { resourceVersion: '\u202e' })),
  ];
}
/** A key of nobody: there is nothing to do for it. */
export const goodMessage = (kind: KindName) => JSON.stringify(key(kind));

export function aWorkflow(name: string, steps: readonly Step[], spec: JsonObject = {}): KubernetesObject {
  const whole = steps.map((step, index) => ({ name: `step-${index}`, action: 'scale_deployment', dependencies: [], ...step }));
  return {
    apiVersion: kinds.WorkflowExecution.apiVersion,
    kind: 'WorkflowExecution',
    metadata: { name, namespace },
    spec: {
      workflowDefinition: { steps: whole },
      alertContext: { fingerprint: 'c0ffee1234567890', severity: 'critical' },
      aiRecommendation: { recommendationID: 'rec-001', confidence: 0.9, action: 'scale_deployment' },
      ...spec,
    },
  };
}

/** One candidate that does the same as the workflow: as a single action where it is one. */
export function anAnswerOf(steps: readonly Step[]): JsonObject {
  const [first] = steps;
  const isPlan = steps.length > 1 || first?.name !== undefined;
  const whole = steps.map((step) => ({ name: 'step', action: 'scale_deployment', parameters: {}, dependencies: [], ...step }));
  const candidate = aCandidate({
    action: first?.action ?? 'scale_deployment',
    parameters: first?.parameters ?? {},
    findings: ['seen'],
    ...(isPlan && { steps: whole }),
  });
  return { ...anAnswer({ findings: [aFinding({ id: 'seen' })], candidates: [candidate] }) };
}

export function anAlert(name: string, labels: Readonly<Record<string, string>>) {
  const fingerprint = sha256Hex(name).slice(0, 16);
  return { status: 'firing', labels: { alertname: name, ...labels }, annotations: {}, startsAt: '2026-01-15T10:34:00Z', fingerprint };
}

export function aNotification(alerts: readonly JsonObject[]): JsonObject {
  return { version: '4', groupKey: '{}', receiver: 'kubernaut', status: 'firing', truncatedAlerts: 0, externalURL: 'http://alertmanager.invalid', alerts };
}
