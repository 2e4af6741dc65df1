import type { Severity } from '../../shared/api/alert.ts';
import { expectedTargetHash, targetClusterOf, targetOf } from '../../shared/api/alert-target.ts';
import { alertFingerprint, fingerprintHex, startsAtHex } from '../../shared/api/digest.ts';
import type { JsonObject } from '../../shared/api/json.ts';
import {
  alertLabel,
  fieldManager,
  fingerprintLabel,
  managedByLabel,
  remediationRequestLabel,
  targetHashLabel,
  traceparentAnnotation,
} from '../../shared/api/labels.ts';
import { labelValue, requestName } from '../../shared/api/names.ts';
import type { KubernetesObject } from '../../shared/api/object-ref.ts';
import { originalPayloadBytesMax } from '../../shared/api/remediation-request.ts';
import { cutText, maskJson, maskSecrets } from '../../shared/api/text.ts';
import { canonicalInstant } from '../../shared/api/time.ts';
import { traceparentOf } from '../../shared/api/traceparent.ts';
import type { AlertMessage } from '../../shared/queue/alert-message.ts';

export interface RequestDefaults {
  readonly namespace: string;
  readonly cluster: string;
}

/** The identity of a firing: same alert, same start, same name, whoever repeats it. */
export interface Firing {
  readonly fingerprint: string;
  readonly startsAt: string;
}

const entriesMax = 64;
const keyCharactersMax = 317; // a qualified label name: prefix of 253, slash, name of 63
const valueBytesMax = 4_096;
const urlBytesMax = 2_048;

/** A map, not an object: what a label says may be `constructor`. */
const severities: ReadonlyMap<string, Severity> = new Map([
  ['critical', 'critical'],
  ['page', 'critical'],
  ['emergency', 'critical'],
  ['high', 'critical'],
  ['warning', 'warning'],
  ['warn', 'warning'],
  ['medium', 'warning'],
]);

/** Links and sentences that an operator looks for first; the rest follows while it fits. */
const firstAnnotations = ['runbook_url', 'summary', 'description'] as const;

export function firingOf({ source, alert }: AlertMessage): Firing {
  const given = (alert.fingerprint ?? '').toWellFormed(); // the API would keep another: half a surrogate pair is no UTF-8
  return { fingerprint: given === '' ? alertFingerprint(source, alert.labels) : given, startsAt: canonicalInstant(alert.startsAt) };
}

/** `longer`: where another fingerprint already took the short name. */
export function nameOf({ fingerprint, startsAt }: Firing, longer = false): string {
  return longer ? requestName(fingerprintHex(fingerprint, 16), startsAtHex(startsAt, 12)) : requestName(fingerprintHex(fingerprint), startsAtHex(startsAt));
}

/** Alert → RemediationRequest, field by field as api.md §10 has it. Everything that an alert says is masked and bounded. */
export function requestOf(message: AlertMessage, name: string, { namespace, cluster }: RequestDefaults): KubernetesObject {
  const { alert } = message;
  const firing = firingOf(message);
  const alertName = cutText(alert.labels['alertname'] ?? '', 253) || 'unknown';
  const { target } = targetOf(alert.labels);
  const targetCluster = cutText(targetClusterOf(alert.labels) ?? cluster, 63);
  return {
    apiVersion: 'remediation.kubernaut.io/v1',
    kind: 'RemediationRequest',
    metadata: {
      name,
      namespace,
      labels: labelsOf(name, { firing, alertName, hash: expectedTargetHash(target, targetCluster) }),
      annotations: { [traceparentAnnotation]: traceparentOf(firing) },
    },
    spec: {
      alertFingerprint: firing.fingerprint,
      alertName,
      source: message.source,
      severity: severities.get((alert.labels['severity'] ?? '').toLowerCase()) ?? 'info',
      ...(target !== null && { target }),
      targetCluster,
      alertLabels: boundedMap(alert.labels),
      alertAnnotations: boundedMap(orderedAnnotations(alert.annotations)),
      firingTime: firing.startsAt,
      receivedTime: message.receivedAt,
      ...(message.groupKey !== '' && { groupKey: bounded(message.groupKey, 1_024) }),
      ...(message.externalURL !== '' && { externalURL: bounded(message.externalURL, urlBytesMax) }),
      ...(alert.generatorURL !== undefined && alert.generatorURL !== '' && { generatorURL: bounded(alert.generatorURL, urlBytesMax) }),
      truncatedAlerts: message.truncatedAlerts,
      originalPayload: cutText(JSON.stringify(maskJson(alert as JsonObject)), originalPayloadBytesMax),
    },
  };
}

function labelsOf(name: string, { firing, alertName, hash }: { readonly firing: Firing; readonly alertName: string; readonly hash: string | undefined }) {
  const alert = labelValue(alertName);
  return {
    [managedByLabel]: fieldManager,
    [remediationRequestLabel]: name,
    [fingerprintLabel]: labelValue(firing.fingerprint),
    ...(alert !== '' && { [alertLabel]: alert }),
    ...(hash !== undefined && { [targetHashLabel]: hash }),
  };
}

function orderedAnnotations(annotations: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const entries = Object.entries(annotations).filter(([key, value]) => key !== 'runbook_url' || /^https?:\/\//i.test(value));
  return Object.fromEntries(entries.toSorted(([a], [b]) => rank(a) - rank(b)));
}

function rank(key: string): number {
  const index = firstAnnotations.findIndex((name) => name === key);
  if (index >= 0) return index;
  return key.includes('dashboard') ? firstAnnotations.length : firstAnnotations.length + 1;
}

function boundedMap(map: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const entries = Object.entries(map).filter(([key]) => key !== '' && key.length <= keyCharactersMax);
  return Object.fromEntries(entries.slice(0, entriesMax).map(([key, value]) => [key, bounded(value, valueBytesMax)]));
}

/** Cut after it is masked: a mask may be longer than what it hides, and the API would refuse the request for it. */
function bounded(text: string, bytesMax: number): string {
  return cutText(maskSecrets(text), bytesMax);
}
