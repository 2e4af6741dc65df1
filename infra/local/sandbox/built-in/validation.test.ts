import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../../shared/api/json.ts';
import { deployment, job, pod } from '../../../../test/conformance/objects.ts';
import { mergePatchObject } from '../merge-patch.ts';
import { builtInTypes } from '../built-in-types.ts';
import { jsonOf, kubernetesObject } from '../object.ts';
import { admitBuiltIn } from './admission.ts';

const healthy: Readonly<Record<string, JsonObject>> = {
  Pod: pod('p'),
  Deployment: deployment('d'),
  ReplicaSet: deployment('r'),
  StatefulSet: deployment('s'),
  DaemonSet: mergePatchObject(deployment('ds'), { spec: { replicas: null } }),
  Job: { ...job('j'), metadata: { name: 'j', uid: 'u1' } },
  CronJob: {
    metadata: { name: 'c' },
    spec: { schedule: '0 * * * *', jobTemplate: { spec: { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'a', image: 'a:1' }] } } } } },
  },
  ConfigMap: { metadata: { name: 'c' }, data: { a: '1' } },
  Secret: { metadata: { name: 's' }, data: { a: 'MQ==' } },
  Lease: { metadata: { name: 'l' }, spec: { holderIdentity: 'a' } },
  Event: { metadata: { name: 'e', namespace: 'a' }, involvedObject: { namespace: 'a' } },
  HorizontalPodAutoscaler: { metadata: { name: 'h' }, spec: { maxReplicas: 5, scaleTargetRef: { kind: 'Deployment', name: 'd' } } },
  PersistentVolumeClaim: { metadata: { name: 'p' }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } },
  ResourceQuota: { metadata: { name: 'q' }, spec: { hard: { cpu: '10' } } },
  Service: { metadata: { name: 's' }, spec: { ports: [{ port: 80 }] } },
  Role: { metadata: { name: 'r' }, rules: [] },
  RoleBinding: { metadata: { name: 'b' }, roleRef: { kind: 'Role', name: 'r', apiGroup: 'rbac.authorization.k8s.io' } },
};

function admit(kind: string, object: JsonObject, old: JsonObject | null = null): { readonly object: JsonObject } | { readonly causes: readonly string[] } {
  const type = builtInTypes.find((candidate) => candidate.kind === kind);
  if (type === undefined) throw new Error(`no ${kind}`);
  const admitted = admitBuiltIn({
    type,
    object: kubernetesObject({ ...object, kind, apiVersion: type.version }),
    old: old === null ? null : kubernetesObject(old),
    subresource: '',
  });
  return admitted.kind === 'admitted' ? { object: jsonOf(admitted.object) } : { causes: admitted.causes.map(({ field, message }) => `${field}: ${message}`) };
}

function stored(kind: string): JsonObject {
  const admitted = admit(kind, healthy[kind] ?? {});
  if ('causes' in admitted) throw new Error(admitted.causes.join('; '));
  return admitted.object;
}

function container(more: JsonObject): JsonObject {
  return { spec: { containers: [{ name: 'app', image: 'a:1', ...more }] } };
}

const template = (spec: JsonObject): JsonObject => ({ spec: { template: { spec } } });

describe('a built-in object', () => {
  it.each(Object.keys(healthy))('that is a healthy %s is taken, and taken again unchanged', (kind) => {
    const object = stored(kind);
    expect(admit(kind, object, object)).toEqual({ object });
  });

  it.each<[kind: string, change: JsonObject, cause: string]>([
    ['Pod', { spec: { containers: null } }, 'spec.containers: Required value'],
    ['Pod', container({ image: '' }), 'spec.containers[0].image: Required value'],
    ['Pod', container({ image: ' a' }), 'spec.containers[0].image: Invalid value: " a": must not have leading or trailing whitespace'],
    ['Pod', container({ name: 'App_1' }), 'spec.containers[0].name: Invalid value: "App_1"'],
    [
      'Pod',
      {
        spec: {
          containers: [
            { name: 'a', image: 'a' },
            { name: 'a', image: 'b' },
          ],
        },
      },
      'spec.containers[1].name: Duplicate value: "a"',
    ],
    ['Pod', container({ volumeMounts: [{ name: 'v', mountPath: '/v' }] }), 'spec.containers[0].volumeMounts[0].name: Not found: "v"'],
    [
      'Pod',
      container({ resources: { requests: { memory: '2Gi' }, limits: { memory: '1Gi' } } }),
      'spec.containers[0].resources.requests: Invalid value: "2Gi": must be less than or equal to memory limit of 1Gi',
    ],
    [
      'Pod',
      container({ resources: { limits: { memory: 'much' } } }),
      'spec.containers[0].resources.limits[memory]: Invalid value: "much": quantities must match',
    ],
    [
      'Pod',
      container({ resources: { limits: { cpu: '-1' } } }),
      'spec.containers[0].resources.limits[cpu]: Invalid value: "-1": must be greater than or equal to 0',
    ],
    ['Pod', { spec: { restartPolicy: 'Sometimes' } }, 'spec.restartPolicy: Unsupported value: "Sometimes": supported values: "Always", "OnFailure", "Never"'],
    ['Deployment', { spec: { replicas: 1.5 } }, 'spec.replicas: Invalid value: "number"'],
    ['Deployment', { spec: { selector: null } }, 'spec.selector: Required value'],
    [
      'Deployment',
      { spec: { selector: { matchLabels: { app: 'other' } } } },
      'spec.template.metadata.labels: Invalid value: {"app":"d"}: `selector` does not match template `labels`',
    ],
    [
      'Deployment',
      { spec: { strategy: { type: 'Recreate', rollingUpdate: { maxSurge: 1 } } } },
      "spec.strategy.rollingUpdate: Forbidden: may not be specified when strategy `type` is 'Recreate'",
    ],
    ['Deployment', template({ restartPolicy: 'Never' }), 'spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"'],
    ['Deployment', { spec: { template: null } }, 'spec.template.spec.containers: Required value'],
    ['Job', template({ restartPolicy: 'Always' }), 'spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"'],
    ['Job', { spec: { backoffLimit: -1 } }, 'spec.backoffLimit: Invalid value: -1: must be greater than or equal to 0'],
    ['CronJob', { spec: { schedule: '' } }, 'spec.schedule: Required value'],
    ['ConfigMap', { data: { a: 1 } }, 'data[a]: Invalid value: "number"'],
    ['ConfigMap', { data: { 'a b': '1' } }, 'data[a b]: Invalid value: "a b": a valid config key'],
    ['Secret', { data: { a: 'not base64' } }, 'data[a]: Invalid value: illegal base64 data'],
    ['Lease', { spec: { leaseDurationSeconds: 0 } }, 'spec.leaseDurationSeconds: Invalid value: 0: must be greater than 0'],
    ['Event', { involvedObject: { namespace: 'b' } }, 'involvedObject.namespace: Invalid value: "b": does not match event.namespace'],
    ['HorizontalPodAutoscaler', { spec: { minReplicas: 6 } }, 'spec.maxReplicas: Invalid value: 5: must be greater than or equal to `minReplicas`'],
    ['PersistentVolumeClaim', { spec: { accessModes: null } }, 'spec.accessModes: Required value: at least 1 access mode is required'],
    ['ResourceQuota', { spec: { hard: { cpu: 'x' } } }, 'spec.hard[cpu]: Invalid value: "x": quantities must match'],
    ['Service', { spec: { type: 'Magic' } }, 'spec.type: Unsupported value: "Magic"'],
    ['ConfigMap', { data: { a: 'x'.repeat(1_048_577) } }, '[]: Too long: may not be more than 1048576 bytes'],
    ['Role', { rules: [{ verbs: ['get'], resources: ['pods'] }] }, 'rules[0].apiGroups: Required value: resource rules must supply at least one api group'],
    ['RoleBinding', { subjects: [{ kind: 'Robot', name: 'r' }] }, 'subjects[0].kind: Unsupported value: "Robot"'],
    ['RoleBinding', { subjects: [{ kind: 'ServiceAccount', name: 'r' }] }, 'subjects[0].namespace: Required value'],
    ['RoleBinding', { roleRef: { kind: 'Pod' } }, 'roleRef.kind: Unsupported value: "Pod": supported values: "Role", "ClusterRole"'],
  ])('%s with %j is refused', (kind, change, cause) => {
    expect(admit(kind, mergePatchObject(healthy[kind] ?? {}, change))).toEqual({
      causes: expect.arrayContaining([expect.stringContaining(cause) as string]) as unknown,
    });
  });
});

describe('a built-in object that is stored', () => {
  it.each<[kind: string, change: JsonObject, cause: string]>([
    ['Pod', { spec: { nodeName: 'n1' } }, 'changed: nodeName'],
    ['Pod', { spec: { terminationGracePeriodSeconds: 1 } }, 'spec: Forbidden: pod updates may not change fields other than'],
    [
      'Deployment',
      { spec: { selector: { matchLabels: { app: 'd', more: 'x' } }, template: { metadata: { labels: { app: 'd', more: 'x' } } } } },
      'field is immutable',
    ],
    [
      'StatefulSet',
      { spec: { serviceName: 'other' } },
      "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden",
    ],
    ['Job', { spec: { completions: 2 } }, 'spec.completions: Invalid value: 2: field is immutable'],
    ['Secret', { type: 'other' }, 'type: Invalid value: "other": field is immutable'],
    ['PersistentVolumeClaim', { spec: { accessModes: ['ReadWriteMany'] } }, 'spec is immutable after creation except resources.requests'],
    ['RoleBinding', { roleRef: { name: 'admin' } }, 'cannot change roleRef'],
  ])('%s is not changed by %j', (kind, change, cause) => {
    const old = stored(kind);
    expect(admit(kind, mergePatchObject(old, change), old)).toEqual({ causes: expect.arrayContaining([expect.stringContaining(cause) as string]) as unknown });
  });

  it('a pod may get another image and a deadline, which may come nearer and not go', () => {
    const before = stored('Pod');
    const after = mergePatchObject(before, {
      spec: { activeDeadlineSeconds: 5, containers: [{ ...((before['spec'] as JsonObject)['containers'] as readonly JsonObject[])[0], image: 'b:2' }] },
    });
    expect(admit('Pod', after, before)).not.toHaveProperty('causes');
    for (const activeDeadlineSeconds of [6, null]) {
      expect(admit('Pod', mergePatchObject(after, { spec: { activeDeadlineSeconds } }), after)).toHaveProperty('causes');
    }
  });

  it.each<[sentence: string, change: JsonObject, suspended: boolean, allowed: boolean]>([
    ['is told where its pods go while it is suspended', { nodeSelector: { a: 'b' } }, true, true],
    ['is told what its pods need while it is suspended', { containers: [{ name: 'app', image: 'registry.example/app:1.0.0', resources: {} }] }, true, true],
    ['keeps what its pods run', { activeDeadlineSeconds: 9 }, true, false],
    ['keeps its template once it runs', { nodeSelector: { a: 'b' } }, false, false],
  ])('a Job %s', (_sentence, change, suspend, allowed) => {
    const old = mergePatchObject(stored('Job'), { spec: { suspend } });
    const answer = admit('Job', mergePatchObject(old, template(change)), old);
    expect('object' in answer).toBe(allowed);
  });

  it('a claim may grow, and not shrink, once it is bound', () => {
    const pending = stored('PersistentVolumeClaim');
    const bound = { ...pending, status: { phase: 'Bound' } };
    const asking = (storage: string) => mergePatchObject(bound, { spec: { resources: { requests: { storage } } } });
    expect(admit('PersistentVolumeClaim', mergePatchObject(pending, { spec: { resources: { requests: { storage: '2Gi' } } } }), pending)).toHaveProperty(
      'causes',
    );
    expect(admit('PersistentVolumeClaim', asking('2Gi'), bound)).not.toHaveProperty('causes');
    expect(admit('PersistentVolumeClaim', asking('512Mi'), bound)).toEqual({
      causes: ['spec.resources.requests.storage: Forbidden: field can not be less than previous value'],
    });
  });

  it('an immutable ConfigMap stays as it is', () => {
    const old = { ...stored('ConfigMap'), immutable: true };
    expect(admit('ConfigMap', { ...old, data: { a: '2' } }, old)).toEqual({ causes: ['data: Forbidden: field is immutable when `immutable` is set'] });
  });
});

it("a Secret's stringData becomes data", () => {
  expect(admit('Secret', { metadata: { name: 's' }, stringData: { b: 'two' }, data: { a: 'MQ==' } })).toMatchObject({
    object: { data: { a: 'MQ==', b: 'dHdv' } },
  });
});
