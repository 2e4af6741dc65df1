import { isDeepStrictEqual } from 'node:util';
import { isJsonObject, type JsonObject } from '../../../../shared/api/json.ts';
import { forbiddenField, invalidValue, requiredValue } from '../crd-causes.ts';
import type { Cause } from '../extension.ts';
import { parseLabelSelector, labelSelectorText } from '../label-selector.ts';
import { objectAt, stringAt } from '../object.ts';
import { choiceCauses, countCauses, requiredObject, requiredText } from './field-checks.ts';
import { jobTemplateCauses } from './job-template.ts';
import { podSpecCauses } from './pod-validation.ts';

const always = ['Always'];
const untilDone = ['OnFailure', 'Never'];

export function deploymentCauses(spec: JsonObject, old: JsonObject | null): readonly Cause[] {
  const strategy = objectAt(spec, 'strategy');
  const isContradiction = stringAt(strategy, 'type') === 'Recreate' && strategy['rollingUpdate'] !== undefined;
  return [
    ...replicatedCauses(spec, old),
    ...countCauses(spec, 'spec', 'minReadySeconds'),
    ...countCauses(spec, 'spec', 'revisionHistoryLimit'),
    ...progressCauses(spec),
    ...choiceCauses(strategy, 'spec.strategy', 'type', ['Recreate', 'RollingUpdate']),
    ...(isContradiction ? [forbiddenField('spec.strategy.rollingUpdate', "may not be specified when strategy `type` is 'Recreate'")] : []),
  ];
}

/** A rollout that may not be over before it has failed would never succeed. */
function progressCauses(spec: JsonObject): readonly Cause[] {
  const { minReadySeconds = 0, progressDeadlineSeconds } = spec;
  const wrong = countCauses(spec, 'spec', 'progressDeadlineSeconds');
  const isTooSoon = typeof progressDeadlineSeconds === 'number' && typeof minReadySeconds === 'number' && progressDeadlineSeconds <= minReadySeconds;
  return wrong.length > 0 || !isTooSoon
    ? wrong
    : [invalidValue('spec.progressDeadlineSeconds', progressDeadlineSeconds, 'must be greater than minReadySeconds')];
}

export function replicaSetCauses(spec: JsonObject, old: JsonObject | null): readonly Cause[] {
  return [...replicatedCauses(spec, old), ...countCauses(spec, 'spec', 'minReadySeconds')];
}

const statefulSetMutable = [
  'replicas',
  'ordinals',
  'template',
  'updateStrategy',
  'revisionHistoryLimit',
  'persistentVolumeClaimRetentionPolicy',
  'minReadySeconds',
];

export function statefulSetCauses(spec: JsonObject, old: JsonObject | null): readonly Cause[] {
  const words = `updates to statefulset spec for fields other than ${statefulSetMutable
    .slice(0, -1)
    .map((member) => `'${member}'`)
    .join(', ')} and 'minReadySeconds' are forbidden`;
  const isChanged = old !== null && changedMembers(spec, old).some((member) => !statefulSetMutable.includes(member));
  return [...replicatedCauses(spec, null), ...(isChanged ? [forbiddenField('spec', words)] : [])];
}

export function daemonSetCauses(spec: JsonObject, old: JsonObject | null): readonly Cause[] {
  return [...selectorCauses(spec), ...templateCauses(spec, always), ...immutableCauses(spec, old, ['selector'])];
}

export function jobCauses(spec: JsonObject, old: JsonObject | null): readonly Cause[] {
  const counts = ['parallelism', 'completions', 'activeDeadlineSeconds', 'backoffLimit', 'ttlSecondsAfterFinished'];
  return [
    ...counts.flatMap((member) => countCauses(spec, 'spec', member)),
    ...choiceCauses(spec, 'spec', 'completionMode', ['NonIndexed', 'Indexed']),
    ...templateCauses(spec, untilDone),
    ...jobSelectorCauses(spec),
    ...immutableCauses(spec, old, ['completions', 'selector', 'completionMode']),
    ...(old === null ? [] : jobTemplateCauses(spec, old)),
  ];
}

/** The selector is the server's to make, and the labels that it finds its pods by are labels: so a Job's name is one too. */
function jobSelectorCauses(spec: JsonObject): readonly Cause[] {
  const labels = objectAt(objectAt(objectAt(spec, 'template'), 'metadata'), 'labels');
  const tooLong = Object.values(labels).filter((value) => typeof value === 'string' && value.length > 63);
  const matched = objectAt(objectAt(spec, 'selector'), 'matchLabels');
  const isGenerated = spec['manualSelector'] === true || Object.keys(matched).every((key) => key === 'batch.kubernetes.io/controller-uid');
  return [
    ...[...new Set(tooLong)].map((value) => invalidValue('spec.template.labels', value ?? null, 'must be no more than 63 bytes')),
    ...(isGenerated ? [] : [invalidValue('spec.selector', objectAt(spec, 'selector'), '`selector` not auto-generated')]),
  ];
}

export function cronJobCauses(spec: JsonObject): readonly Cause[] {
  const missing = requiredObject(spec, 'spec', 'jobTemplate');
  return [
    ...requiredText(spec, 'spec', 'schedule'),
    ...choiceCauses(spec, 'spec', 'concurrencyPolicy', ['Allow', 'Forbid', 'Replace']),
    ...(missing.length > 0 ? missing : templateCauses(objectAt(objectAt(spec, 'jobTemplate'), 'spec'), untilDone, 'spec.jobTemplate.spec')),
  ];
}

function replicatedCauses(spec: JsonObject, old: JsonObject | null): readonly Cause[] {
  return [...countCauses(spec, 'spec', 'replicas'), ...selectorCauses(spec), ...templateCauses(spec, always), ...immutableCauses(spec, old, ['selector'])];
}

function templateCauses(spec: JsonObject, restartPolicies: readonly string[], field = 'spec'): readonly Cause[] {
  const path = `${field}.template.spec`;
  const template = objectAt(spec, 'template');
  if (!isJsonObject(template['spec'])) return [requiredValue(`${path}.containers`)];
  return podSpecCauses(template['spec'], path, restartPolicies);
}

/** A selector that selects nothing, or not the pods of the template, would make pods without end. */
function selectorCauses(spec: JsonObject): readonly Cause[] {
  const selector = labelSelectorText(objectAt(spec, 'selector'));
  const missing = requiredObject(spec, 'spec', 'selector');
  const empty = selector === '' && missing.length === 0 ? [invalidValue('spec.selector', {}, 'empty selector is invalid for deployment')] : [];
  const labels = objectAt(objectAt(objectAt(spec, 'template'), 'metadata'), 'labels');
  const texts = Object.fromEntries(Object.entries(labels).filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
  const isMet = selector !== '' && parseLabelSelector(selector)(texts);
  return [...missing, ...empty, ...(isMet ? [] : [invalidValue('spec.template.metadata.labels', labels, '`selector` does not match template `labels`')])];
}

function immutableCauses(spec: JsonObject, old: JsonObject | null, members: readonly string[]): readonly Cause[] {
  if (old === null) return [];
  const changed = changedMembers(spec, old).filter((member) => members.includes(member));
  return changed.map((member) => invalidValue(`spec.${member}`, spec[member] ?? null, 'field is immutable'));
}

function changedMembers(spec: JsonObject, old: JsonObject): readonly string[] {
  return Object.keys({ ...old, ...spec }).filter((member) => !isDeepStrictEqual(spec[member], old[member]));
}
