import { filesMountPath } from '../../shared/actions/files.ts';
import { kinds, type KindName } from '../../shared/api/kinds.ts';
import { actionLabel } from '../../shared/api/labels.ts';
import type { AdmissionPolicy, AdmissionRule } from './admission-policy.ts';
import type { PolicySettings } from './policy-settings.ts';

/**
 * Who may create a Job has the power of every account in the namespace, so the functions create just the Jobs that
 * functions/kubernetes-execution builds: one kubectl, as the account of its action, and nothing beside it.
 */
export function jobShapePolicy({ namespace, functionsUsers, functionsGroups, images }: PolicySettings): AdmissionPolicy {
  const user = `request.userInfo.?username.orValue("") in ${functionsUsers}`;
  const group = `request.userInfo.?groups.orValue([]).exists(group, group in ${functionsGroups})`;
  return {
    name: 'kubernaut-job-shape',
    requests: { apiGroups: ['batch'], resources: ['jobs'], operations: ['CREATE', 'UPDATE'] },
    concerns: { 'the-functions': `${user} || ${group}` },
    variables: {
      isUpdate: 'request.operation == "UPDATE"',
      images,
      action: `object.metadata.?labels[?"${actionLabel}"].orValue("")`,
      owners: 'object.metadata.?ownerReferences.orValue([])',
      pod: 'object.spec.template.spec',
      container: 'variables.pod.containers[0]',
      command: 'variables.container.?command.orValue([])',
      privileges: 'variables.container.?securityContext.orValue({})',
    },
    rules: [...[...identityRules(namespace), ...containerRules, ...confinementRules].map(atBirth), onlyReleased],
  };
}

/** A Job's shape is judged once: one that was right at birth is released later, though the pinned image may be another by then. */
function atBirth({ holds, message }: AdmissionRule): AdmissionRule {
  return { holds: `variables.isUpdate || (${holds})`, message };
}

function all(...conditions: readonly string[]): string {
  return conditions.join(' && ');
}

const owner: KindName = 'KubernetesExecution';

function identityRules(namespace: string): readonly AdmissionRule[] {
  return [
    { holds: `request.namespace == "${namespace}"`, message: `the functions create Jobs in ${namespace} only: set KUBERNAUT_NAMESPACE to it` },
    {
      holds: all(
        'variables.owners.size() == 1',
        'variables.owners[0].?controller.orValue(false)',
        `variables.owners[0].kind == "${owner}"`,
        `variables.owners[0].apiVersion.startsWith("${kinds[owner].group}/")`,
      ),
      message: `a Job of the functions has one owner, the ${owner} that controls it: create a RemediationRequest instead of a Job`,
    },
    {
      holds: all('variables.action != ""', 'variables.pod.?serviceAccountName.orValue("") == variables.action + "-sa"'),
      message: `a Job of the functions runs as the ServiceAccount of its action: with the label ${actionLabel}=scale-deployment that is scale-deployment-sa`,
    },
  ];
}

const absent = (container: string, fields: readonly string[]) => all(...fields.map((field) => `!has(${container}.${field})`));

// Flags by which kubectl would talk to another server than its own, and hand it the token of the account.
const elsewhere = '^(-[A-Za-z]*s|--(server|kubeconfig|kuberc)(=|$))';

const containerRules: readonly AdmissionRule[] = [
  {
    holds: all('variables.pod.containers.size() == 1', absent('variables.pod', ['initContainers'])),
    message: 'a Job of the functions has one container and no init container: remove the others',
  },
  {
    holds: 'variables.container.image in variables.images',
    message:
      'a Job of the functions runs a pinned image: to change it, list the new one beside the old in executor.images of the chart first, then set KUBERNAUT_KUBECTL_IMAGE',
  },
  {
    holds: all('variables.command.size() > 0', 'variables.command[0] == "kubectl"', absent('variables.container', ['args'])),
    message: 'a Job of the functions runs kubectl, never a shell: put kubectl and its arguments into command, and nothing into args',
  },
  {
    holds: `variables.command.all(word, !word.matches("${elsewhere}"))`,
    message: 'kubectl in a Job of the functions talks to this cluster as its own account: remove --server, --kubeconfig and --kuberc',
  },
  {
    holds: absent('variables.container', ['env', 'envFrom', 'lifecycle', 'livenessProbe', 'readinessProbe', 'startupProbe']),
    message: 'the container of a Job of the functions has no env, hook or probe, which could change what it runs: remove them',
  },
];

const confinementRules: readonly AdmissionRule[] = [
  {
    holds:
      'variables.pod.?volumes.orValue([]).all(volume, has(volume.projected) && volume.projected.?sources.orValue([]).all(source, has(source.downwardAPI)))',
    message: 'a Job of the functions has no volume but projections of its own annotations: remove the Secret, ConfigMap, token, claim or host path',
  },
  {
    holds: `variables.container.?volumeMounts.orValue([]).all(mount, mount.mountPath == "${filesMountPath}")`,
    message: `files of a Job of the functions lie under ${filesMountPath} only: elsewhere kubectl might take one for its configuration`,
  },
  {
    holds: all(...['hostNetwork', 'hostPID', 'hostIPC'].map((field) => `!variables.pod.?${field}.orValue(false)`)),
    message: 'a Job of the functions shares nothing with its host: remove hostNetwork, hostPID and hostIPC',
  },
  {
    holds: all(
      'variables.pod.?securityContext.?runAsNonRoot.orValue(false)',
      'variables.privileges.?runAsNonRoot.orValue(true)',
      'variables.privileges.?runAsUser.orValue(1) > 0',
      '!variables.privileges.?privileged.orValue(false)',
      '!variables.privileges.?allowPrivilegeEscalation.orValue(true)',
      '"ALL" in variables.privileges.?capabilities.?drop.orValue([])',
      'variables.privileges.?capabilities.?add.orValue([]).size() == 0',
    ),
    message:
      'a Job of the functions runs as nobody, without privileges or capabilities: give it the securityContext that the restricted Pod Security Standard asks for',
  },
  {
    holds: all(
      'object.spec.?backoffLimit.orValue(6) == 0',
      'object.spec.?parallelism.orValue(1) <= 1',
      'object.spec.?completions.orValue(1) <= 1',
      'variables.pod.restartPolicy == "Never"',
    ),
    message: 'a Job of the functions acts once: set backoffLimit 0 and restartPolicy Never, and remove parallelism and completions',
  },
];

const unchanged = (field: string, empty: string) => `object.metadata.?${field}.orValue(${empty}) == oldObject.metadata.?${field}.orValue(${empty})`;

const onlyReleased: AdmissionRule = {
  holds: `!variables.isUpdate || (${all(
    'object.spec == oldObject.spec',
    unchanged('labels', '{}'),
    unchanged('annotations', '{}'),
    unchanged('ownerReferences', '[]'),
  )})`,
  message: 'of a Job that exists the functions change the finalizers only: delete the Job, its execution says what became of it',
};
