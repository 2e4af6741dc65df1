import { isJsonObject, type JsonObject, type JsonValue } from '../../../../shared/api/json.ts';
import type { StoredObjects } from '../extension.ts';
import { labelSelectorText, parseLabelSelector, type Labels } from '../label-selector.ts';
import { listAt, numberAt, objectAt, stringAt } from '../object.ts';
import { matchConditions, type MatchConditions } from './match-conditions.ts';

export type Side = 'mutating' | 'validating';

export interface Rule {
  readonly apiGroups: readonly JsonValue[];
  readonly apiVersions: readonly JsonValue[];
  readonly resources: readonly JsonValue[];
  readonly operations: readonly JsonValue[];
  readonly scope: string;
}

/** What of the writes that its rules are about somebody sees. */
export interface View {
  readonly takesNamespace: (labels: Labels) => boolean;
  /** An empty selector takes what has no labels too, and what is no object. */
  readonly takesObject: (labels: Labels) => boolean;
  readonly selectsObjects: boolean;
  readonly conditions: MatchConditions;
}

/** One webhook of a configuration, read once. */
export interface Webhook extends View {
  readonly name: string;
  readonly url: string;
  /** Null where the url says it all. */
  readonly service: { readonly namespace: string; readonly name: string } | null;
  /** Base64 of PEM; empty: whom everybody trusts. */
  readonly caBundle: string;
  readonly rules: readonly Rule[];
  readonly failuresAreIgnored: boolean;
  readonly timeoutSeconds: number;
  readonly isAskedAgain: boolean;
  /** Of the AdmissionReview that it wants. */
  readonly reviewVersion: string;
}

export const registrationGroup = 'admissionregistration.k8s.io';

/** Lists are the same array until something changes, so they key what was read of them. */
const readBefore = new WeakMap<readonly object[], readonly Webhook[]>();

/** All of one side, by the name of the configuration and the place in it. */
export function registeredWebhooks(objects: StoredObjects, side: Side): readonly Webhook[] {
  const configurations = objects.list(registrationGroup, `${side}webhookconfigurations`);
  const known = readBefore.get(configurations);
  if (known !== undefined) return known;
  const webhooks = configurations.flatMap((configuration) => listAt(configuration, 'webhooks').filter(isJsonObject).map(readWebhook));
  readBefore.set(configurations, webhooks);
  return webhooks;
}

/** A stored webhook has its defaults. */
function readWebhook(webhook: JsonObject): Webhook {
  const failuresAreIgnored = stringAt(webhook, 'failurePolicy') === 'Ignore';
  return {
    ...readView(webhook, matchConditions(listAt(webhook, 'matchConditions').filter(isJsonObject), failuresAreIgnored)),
    name: stringAt(webhook, 'name'),
    url: urlOf(objectAt(webhook, 'clientConfig')),
    service: serviceOf(objectAt(webhook, 'clientConfig')),
    caBundle: stringAt(objectAt(webhook, 'clientConfig'), 'caBundle'),
    rules: listAt(webhook, 'rules').filter(isJsonObject).map(readRule),
    failuresAreIgnored,
    timeoutSeconds: numberAt(webhook, 'timeoutSeconds') ?? 10,
    isAskedAgain: stringAt(webhook, 'reinvocationPolicy') === 'IfNeeded',
    reviewVersion: String(listAt(webhook, 'admissionReviewVersions').find((version) => version === 'v1' || version === 'v1beta1') ?? 'v1'),
  };
}

export function readView(selecting: JsonObject, conditions: MatchConditions): View {
  const objectSelector = labelSelectorText(objectAt(selecting, 'objectSelector'));
  return {
    takesNamespace: parseLabelSelector(labelSelectorText(objectAt(selecting, 'namespaceSelector'))),
    takesObject: parseLabelSelector(objectSelector),
    selectsObjects: objectSelector !== '',
    conditions,
  };
}

/** A service has the name that its certificate says. */
function urlOf(clientConfig: JsonObject): string {
  const service = objectAt(clientConfig, 'service');
  const host = `${stringAt(service, 'name')}.${stringAt(service, 'namespace')}.svc:${numberAt(service, 'port') ?? 443}`;
  return stringAt(clientConfig, 'url') || `https://${host}${stringAt(service, 'path')}`;
}

function serviceOf({ service }: JsonObject): Webhook['service'] {
  return isJsonObject(service) ? { namespace: stringAt(service, 'namespace'), name: stringAt(service, 'name') } : null;
}

export function readRule(rule: JsonObject): Rule {
  return {
    apiGroups: listAt(rule, 'apiGroups'),
    apiVersions: listAt(rule, 'apiVersions'),
    resources: listAt(rule, 'resources'),
    operations: listAt(rule, 'operations'),
    scope: stringAt(rule, 'scope') || '*',
  };
}
