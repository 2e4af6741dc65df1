import { isDeepStrictEqual } from 'node:util';
import { compareQuantities, parseQuantity } from '../../../../shared/actions/quantity.ts';
import { bytesOf, type JsonObject } from '../../../../shared/api/json.ts';
import { forbiddenField, invalidValue, invalidWithoutValue, notSupported, requiredValue, tooLong } from '../crd-causes.ts';
import type { Cause } from '../extension.ts';
import { listAt, numberAt, objectAt, stringAt } from '../object.ts';
import { choiceCauses, countCauses, requiredText, textMapCauses } from './field-checks.ts';
import { podUpdateCauses } from './pod-update.ts';
import { podSpecCauses, quantityCauses } from './pod-validation.ts';
import { bindingCauses, roleCauses } from './rbac-validation.ts';
import { webhookConfigurationCauses } from './webhook-validation.ts';
import { cronJobCauses, daemonSetCauses, deploymentCauses, jobCauses, replicaSetCauses, statefulSetCauses } from './workload-validation.ts';

type Check = (object: JsonObject, old: JsonObject | null) => readonly Cause[];
type SpecCheck = (spec: JsonObject, old: JsonObject | null) => readonly Cause[];

/** What a kube-apiserver refuses of each kind, as far as the product, its actions and their tests can run into it. */
export const checksOfKind: Readonly<Record<string, Check>> = {
  Pod: onSpec((spec, old) => [...podSpecCauses(spec, 'spec', ['Always', 'OnFailure', 'Never']), ...(old === null ? [] : podUpdateCauses(spec, old))]),
  Deployment: onSpec(deploymentCauses),
  ReplicaSet: onSpec(replicaSetCauses),
  StatefulSet: onSpec(statefulSetCauses),
  DaemonSet: onSpec(daemonSetCauses),
  Job: onSpec(jobCauses),
  CronJob: onSpec(cronJobCauses),
  ConfigMap: configMapCauses,
  Secret: secretCauses,
  Lease: onSpec(leaseCauses),
  Event: eventCauses,
  HorizontalPodAutoscaler: onSpec(autoscalerCauses),
  PersistentVolumeClaim: claimCauses,
  ResourceQuota: onSpec((spec) => quantityCauses(objectAt(spec, 'hard'), 'spec.hard')),
  Service: onSpec(serviceCauses),
  Role: roleCauses,
  ClusterRole: roleCauses,
  RoleBinding: bindingCauses,
  ClusterRoleBinding: bindingCauses,
  MutatingWebhookConfiguration: webhookConfigurationCauses,
  ValidatingWebhookConfiguration: webhookConfigurationCauses,
};

function onSpec(check: SpecCheck): Check {
  return (object, old) => check(objectAt(object, 'spec'), old === null ? null : objectAt(old, 'spec'));
}

function leaseCauses(spec: JsonObject): readonly Cause[] {
  const { leaseDurationSeconds } = spec;
  const isOver = typeof leaseDurationSeconds === 'number' && leaseDurationSeconds <= 0;
  return [
    ...(isOver
      ? [invalidValue('spec.leaseDurationSeconds', leaseDurationSeconds, 'must be greater than 0')]
      : countCauses(spec, 'spec', 'leaseDurationSeconds')),
    ...countCauses(spec, 'spec', 'leaseTransitions'),
  ];
}

function configMapCauses(object: JsonObject, old: JsonObject | null): readonly Cause[] {
  return [
    ...textMapCauses(object, '', 'data'),
    ...textMapCauses(object, '', 'binaryData'),
    ...keyCauses(object, ['data', 'binaryData']),
    ...sizeCauses(object, '[]', ['data', 'binaryData']),
    ...frozenCauses(object, old),
  ];
}

function secretCauses(object: JsonObject, old: JsonObject | null): readonly Cause[] {
  const typeChanged = old !== null && object['type'] !== old['type'] ? [invalidValue('type', object['type'] ?? null, 'field is immutable')] : [];
  return [
    ...textMapCauses(object, '', 'data'),
    ...keyCauses(object, ['data']),
    ...base64Causes(object),
    ...sizeCauses(object, 'data', ['data']),
    ...typeChanged,
    ...frozenCauses(object, old),
  ];
}

/** The value is not shown: it is a secret. */
function base64Causes(object: JsonObject): readonly Cause[] {
  const isBase64 = (text: unknown): boolean => typeof text !== 'string' || /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text);
  return Object.entries(objectAt(object, 'data')).flatMap(([key, text]) =>
    isBase64(text) ? [] : [invalidWithoutValue(`data[${key}]`, 'illegal base64 data')],
  );
}

function keyCauses(object: JsonObject, members: readonly string[]): readonly Cause[] {
  const words =
    "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')";
  return members.flatMap((member) =>
    Object.keys(objectAt(object, member)).flatMap((key) => (/^[-._a-zA-Z0-9]{1,253}$/.test(key) ? [] : [invalidValue(`${member}[${key}]`, key, words)])),
  );
}

const dataBytesMax = 1024 * 1024; // what etcd takes at once, less what is around it

function sizeCauses(object: JsonObject, field: string, members: readonly string[]): readonly Cause[] {
  const texts = members.flatMap((member) => Object.values(objectAt(object, member)).map((text) => (typeof text === 'string' ? text : '')));
  return texts.reduce((sum, text) => sum + bytesOf(text), 0) > dataBytesMax ? [tooLong(field, dataBytesMax)] : [];
}

/** `immutable: true` holds for good. */
function frozenCauses(object: JsonObject, old: JsonObject | null): readonly Cause[] {
  if (old === null || old['immutable'] !== true) return [];
  const isChanged = ['data', 'binaryData', 'immutable'].filter((member) => !isDeepStrictEqual(object[member], old[member]));
  return isChanged.map((member) => forbiddenField(member, 'field is immutable when `immutable` is set'));
}

/** An Event lives in the namespace of what it is about. */
function eventCauses(object: JsonObject): readonly Cause[] {
  const namespace = stringAt(objectAt(object, 'metadata'), 'namespace');
  const involved = stringAt(objectAt(object, 'involvedObject'), 'namespace');
  const isElsewhere = involved === '' ? namespace !== 'default' : involved !== namespace;
  return isElsewhere ? [invalidValue('involvedObject.namespace', involved, 'does not match event.namespace')] : [];
}

function autoscalerCauses(spec: JsonObject): readonly Cause[] {
  const { minReplicas, maxReplicas } = { minReplicas: numberAt(spec, 'minReplicas') ?? 1, maxReplicas: numberAt(spec, 'maxReplicas') ?? 0 };
  const target = objectAt(spec, 'scaleTargetRef');
  return [
    ...countCauses(spec, 'spec', 'minReplicas', { min: 1 }),
    ...(maxReplicas < 1 ? [invalidValue('spec.maxReplicas', maxReplicas, 'must be greater than 0')] : []),
    ...(maxReplicas < minReplicas ? [invalidValue('spec.maxReplicas', maxReplicas, 'must be greater than or equal to `minReplicas`')] : []),
    ...requiredText(target, 'spec.scaleTargetRef', 'kind'),
    ...requiredText(target, 'spec.scaleTargetRef', 'name'),
  ];
}

function claimCauses(object: JsonObject, old: JsonObject | null): readonly Cause[] {
  const spec = objectAt(object, 'spec');
  const requests = objectAt(objectAt(spec, 'resources'), 'requests');
  const modes = listAt(spec, 'accessModes');
  const supported = ['ReadWriteOnce', 'ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOncePod'];
  const unknown = modes.filter((mode) => !supported.some((known) => known === mode));
  return [
    ...(modes.length === 0 ? [requiredValue('spec.accessModes', 'at least 1 access mode is required')] : []),
    ...unknown.map((mode) => notSupported('spec.accessModes', mode, supported)),
    ...(requests['storage'] === undefined ? requiredText(requests, 'spec.resources', 'storage') : quantityCauses(requests, 'spec.resources.requests')),
    ...(old === null ? [] : claimUpdateCauses(object, old)),
  ];
}

/** A bound claim may ask for more, and for no less; everything else of a claim is as it was made (but for the volume, which is given to it). */
function claimUpdateCauses(object: JsonObject, old: JsonObject): readonly Cause[] {
  const [spec, before] = [objectAt(object, 'spec'), objectAt(old, 'spec')];
  const mayGrow = stringAt(objectAt(old, 'status'), 'phase') === 'Bound';
  const fixed = Object.keys({ ...spec, ...before }).filter(
    (member) => member !== (mayGrow ? 'resources' : 'volumeName') && !isDeepStrictEqual(spec[member], before[member]),
  );
  if (fixed.length > 0)
    return [
      forbiddenField(
        'spec',
        `spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims; changed: ${fixed.join(', ')}`,
      ),
    ];
  const storageOf = (claim: JsonObject): string => stringAt(objectAt(objectAt(claim, 'resources'), 'requests'), 'storage');
  const isLess = compareQuantities(parseQuantity(storageOf(spec)) ?? 0n, parseQuantity(storageOf(before)) ?? 0n) < 0;
  return isLess ? [forbiddenField('spec.resources.requests.storage', 'field can not be less than previous value')] : [];
}

function serviceCauses(spec: JsonObject): readonly Cause[] {
  return choiceCauses(spec, 'spec', 'type', ['ClusterIP', 'NodePort', 'LoadBalancer', 'ExternalName']);
}
