import { describe, expect, it } from 'vitest';
import { aConfigMap, aDeployment, aPod } from '../../test/support/actions.ts';
import { anUnrecorded, jobRef, scaleTo5, settings } from '../../test/support/executions.ts';
import { bindAction } from '../../shared/actions/index.ts';
import { buildJob, buildVoidJob } from './job.ts';

const execution = anUnrecorded();
const image = settings.kubectlImage;
const scaleJob = () => buildJob({ execution, action: scaleTo5, target: aDeployment(), image, activeDeadlineSeconds: 295 });
const labels = {
  'app.kubernetes.io/managed-by': 'kubernaut',
  'kubernaut.io/execution': 'rr-1-workflow-scale',
  'kubernaut.io/action': 'scale-deployment',
  'kubernaut.io/remediation-request': 'rr-1',
};

describe('the Job', () => {
  it('is exactly this', () => {
    expect(scaleJob()).toEqual({
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: {
        name: jobRef.name,
        namespace: 'kubernaut-system',
        labels,
        finalizers: ['kubernaut.io/unrecorded'],
        ownerReferences: [
          {
            apiVersion: 'executor.kubernaut.io/v1',
            kind: 'KubernetesExecution',
            name: 'rr-1-workflow-scale',
            uid: 'ke1',
            controller: true,
            blockOwnerDeletion: true,
          },
        ],
      },
      spec: {
        backoffLimit: 0,
        activeDeadlineSeconds: 295,
        template: {
          metadata: { labels },
          spec: {
            serviceAccountName: 'scale-deployment-sa',
            restartPolicy: 'Never',
            terminationGracePeriodSeconds: 5,
            enableServiceLinks: false,
            securityContext: { runAsNonRoot: true, runAsUser: 65_532, runAsGroup: 65_532, seccompProfile: { type: 'RuntimeDefault' } },
            containers: [
              {
                name: 'kubectl-executor',
                image,
                command: ['kubectl', 'scale', 'deployment', 'payment-api', '--namespace=production', '--replicas=5'],
                resources: { requests: { cpu: '100m', memory: '128Mi' }, limits: { cpu: '500m', memory: '256Mi' } },
                securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
              },
            ],
          },
        },
      },
    });
  });

  it('finds its files as annotations of its own pod', () => {
    const action = bindAction('restart_pod', { namespace: 'production', pod: 'payment-api-7d9-x1' });
    const restart = anUnrecorded({ spec: { actionType: 'restart_pod', actionParams: action.parameters } });
    const job = buildJob({ execution: restart, action, target: aPod(), image, activeDeadlineSeconds: 295 });
    expect(job['spec']).toMatchObject({
      template: {
        metadata: { annotations: { 'kubernaut.io/file-delete-options.json': expect.stringContaining('"preconditions":{"uid":"p1"}') } },
        spec: {
          containers: [
            {
              command: ['kubectl', 'delete', '--raw', '/api/v1/namespaces/production/pods/payment-api-7d9-x1', '-f', '/etc/kubernaut/delete-options.json'],
              volumeMounts: [{ mountPath: '/etc/kubernaut', readOnly: true }],
            },
          ],
          volumes: [
            {
              projected: {
                sources: [
                  {
                    downwardAPI: {
                      items: [{ path: 'delete-options.json', fieldRef: { fieldPath: "metadata.annotations['kubernaut.io/file-delete-options.json']" } }],
                    },
                  },
                ],
              },
            },
          ],
        },
      },
    });
  });

  it('keeps a hostile value one argument', () => {
    const hostile = '$(rm -rf /); `id` && echo "x\n--all';
    const action = bindAction('patch_configmap', { namespace: 'production', configmap: 'app-config', data: { LOG_LEVEL: hostile } });
    const patch = anUnrecorded({ spec: { actionType: 'patch_configmap', actionParams: action.parameters } });
    const job = buildJob({ execution: patch, action, target: aConfigMap(), image, activeDeadlineSeconds: 295 });
    const argv = action.argv(aConfigMap());
    expect(job['spec']).toMatchObject({ template: { spec: { containers: [{ command: ['kubectl', ...argv] }] } } });
    expect(argv.filter((argument) => argument.includes('rm -rf'))).toHaveLength(1);
  });

  it('has a label for an execution whose name is longer than a label', () => {
    const name = `rr-${'a'.repeat(60)}-workflow-scale`;
    const job = buildJob({ execution: anUnrecorded({ metadata: { name } }), action: scaleTo5, target: aDeployment(), image, activeDeadlineSeconds: 295 });
    expect(job.metadata.labels?.['kubernaut.io/execution']).toMatch(/^rr-a{51}-[0-9a-f]{8}$/);
  });
});

describe('the void Job', () => {
  const job = buildVoidJob(execution, image, 'cancelled');

  it('holds the same name for the same owner and identity, and lets go of it with its owner', () => {
    const { name, namespace, ownerReferences } = scaleJob().metadata;
    expect(job.metadata).toMatchObject({ name, namespace, ownerReferences, labels, annotations: { 'kubernaut.io/void': 'cancelled' } });
    expect(job.metadata.finalizers).toBeUndefined();
  });

  it('never runs, and would change nothing if a person resumed it', () => {
    expect(job['spec']).toMatchObject({
      suspend: true,
      backoffLimit: 0,
      template: { spec: { serviceAccountName: 'scale-deployment-sa', containers: [{ image, command: ['kubectl', 'version', '--client'] }] } },
    });
  });

  it('can be made for an action that no catalogue knows any more', () => {
    const forgotten = buildVoidJob(anUnrecorded({ spec: { actionType: 'forgotten_action' } }), image, 'unknown_action');
    expect(forgotten['spec']).toMatchObject({ suspend: true, template: { spec: { serviceAccountName: 'forgotten-action-sa' } } });
  });
});
