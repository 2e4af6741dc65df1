import { bytesOf, type JsonValue } from '../../shared/api/json.ts';
import { clusterLabel, truncatedAnnotation } from '../../shared/api/labels.ts';
import { cutText } from '../../shared/api/text.ts';
import type { Instant } from '../../shared/api/time.ts';
import { messageText } from '../../shared/queue/message-text.ts';
import { alertMessageBytesMax, type AlertMessage, type AlertmanagerAlert, type Notification } from '../../shared/queue/alert-message.ts';

/** Labels that name the alert or its target: they go last, since without them the alert cannot be handled. */
const neededLabels = new Set([
  'alertname',
  'severity',
  'namespace',
  'exported_namespace',
  'container',
  'cluster',
  clusterLabel,
  'kubernaut.io/target-kind',
  'kubernaut.io/target-name',
  'deployment',
  'statefulset',
  'daemonset',
  'cronjob',
  'job_name',
  'persistentvolumeclaim',
  'horizontalpodautoscaler',
  'pod',
  'node',
]);

const urlMax = 2_048;
const neededValueBytesMax = 4_096; // a label's own bound in a request

const addedBytesMax = 1_024; // what a message holds beside parts of the body: names of fields, a time, a word for what was cut

/** One message per alert. The notification's texts are cut to their bounds, not refused: the alert matters more. `partsBytesMax`: what the parts of the body take at most; where nobody knows, each message is measured. */
export function alertMessages(notification: Notification, receivedAt: Instant, partsBytesMax = Number.POSITIVE_INFINITY): readonly AlertMessage[] {
  const { groupKey, receiver, externalURL, truncatedAlerts, alerts } = notification;
  const around = {
    version: 1,
    receivedAt,
    source: 'alertmanager',
    receiver: cutText(receiver, 253),
    groupKey: cutText(groupKey, 1_024),
    externalURL: cutText(externalURL, urlMax),
    truncatedAlerts: Math.min(truncatedAlerts, 1_000_000),
  } as const;
  // Every alert of a body that is small enough as a whole fits: writing each once more only to measure it costs as much as checking it.
  const allFit = partsBytesMax + addedBytesMax <= alertMessageBytesMax;
  return alerts.map((alert) => (allFit ? { ...around, alert } : fitting({ ...around, alert })));
}

/** An alert that is too large loses its largest annotations first, then labels that are not needed, and is never dropped for its size. */
function fitting(message: AlertMessage): AlertMessage {
  if (messageBytesOf(message) <= alertMessageBytesMax) return message;
  const { alert } = message;
  const marked = { ...message, alert: { ...alert, annotations: { ...alert.annotations, [truncatedAnnotation]: 'true' } } };
  const lighter = without(marked, 'annotations', (name) => name === truncatedAnnotation);
  const lightest = without(lighter, 'labels', (name) => neededLabels.has(name));
  return messageBytesOf(lightest) <= alertMessageBytesMax ? lightest : { ...lightest, alert: cutValues(lightest.alert) };
}

/** Drops entries, the largest first, until the message fits or only what must stay is left. */
function without(message: AlertMessage, field: 'annotations' | 'labels', mustStay: (name: string) => boolean): AlertMessage {
  let excess = messageBytesOf(message) - alertMessageBytesMax;
  const bySize = Object.entries(message.alert[field]).toSorted(([, a], [, b]) => b.length - a.length);
  const dropped = new Set<string>();
  for (const [name, value] of bySize) {
    if (excess <= 0) break;
    if (mustStay(name)) continue;
    dropped.add(name);
    excess -= bytesOf(messageText([name, value]));
  }
  const left = Object.fromEntries(Object.entries(message.alert[field]).filter(([name]) => !dropped.has(name)));
  return { ...message, alert: { ...message.alert, [field]: left } };
}

function messageBytesOf(message: AlertMessage): number {
  return bytesOf(messageText(message as JsonValue));
}

/** What remains are needed labels of absurd length, and links. */
function cutValues(alert: AlertmanagerAlert): AlertmanagerAlert {
  const labels = Object.fromEntries(Object.entries(alert.labels).map(([name, value]) => [name, cutText(value, neededValueBytesMax)]));
  return { ...alert, labels, ...(alert.generatorURL !== undefined && { generatorURL: cutText(alert.generatorURL, urlMax) }) };
}
