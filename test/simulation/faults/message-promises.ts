import { isKindName, kinds, type KindName } from '../../../shared/api/kinds.ts';
import { stringAt } from '../../../shared/kubernetes/unstructured.ts';
import type { OutgoingMessage } from '../../../shared/queue/ports.ts';
import { violationsOf, type Violation } from '../violation.ts';

export interface Overheard {
  readonly queue: string;
  readonly message: OutgoingMessage;
}

const keyFields = ['cluster', 'kind', 'namespace', 'name', 'cause', 'phase', 'resourceVersion'];
const keyBytesMax = 2_048;
const delaySecondsMin = 5;
const delaySecondsMax = 900;

/** The phases that wait; a request's overall deadline is armed in any. */
const waiting: Readonly<Record<KindName, readonly string[] | 'any'>> = {
  RemediationRequest: 'any',
  RemediationProcessing: [],
  AIAnalysis: ['investigating'],
  WorkflowExecution: ['validating', 'monitoring'],
  KubernetesExecution: ['executing'],
};

/** What went over the queues of the kinds. */
export function messageViolations(overheard: readonly Overheard[]): readonly Violation[] {
  const keys = overheard.filter(({ message }) => isKindName(stringAt(message.body, 'kind') ?? '') && stringAt(message.body, 'cause') !== null);
  return [
    ...violationsOf('a message holds a key, never state', keys.flatMap(notAKey)),
    ...violationsOf('timers only where a phase waits', keys.flatMap(strayTimer)),
  ];
}

function notAKey({ queue, message: { body } }: Overheard): readonly string[] {
  const text = JSON.stringify(body);
  const kind = stringAt(body, 'kind') ?? '';
  const more = Object.keys(body as object).filter((field) => !keyFields.includes(field));
  return [
    ...(more.length > 0 ? [`${queue} carries ${more.join(', ')}`] : []),
    ...(Buffer.byteLength(text) > keyBytesMax ? [`${queue} carries ${Buffer.byteLength(text)} bytes`] : []),
    ...(isKindName(kind) && kinds[kind].queue === queue ? [] : [`${queue} carries a key of ${kind}`]),
  ];
}

function strayTimer({ message: { body, delaySeconds = 0 } }: Overheard): readonly string[] {
  if (stringAt(body, 'cause') !== 'timer') return [];
  const kind = stringAt(body, 'kind') ?? '';
  const phase = stringAt(body, 'phase');
  const allowed = isKindName(kind) ? waiting[kind] : [];
  const called = `a timer of ${kind} in phase "${phase ?? ''}"`;
  return [
    ...(phase === null || stringAt(body, 'resourceVersion') === null ? [`${called} names no phase or no version`] : []),
    ...(delaySeconds < delaySecondsMin || delaySeconds > delaySecondsMax ? [`${called} waits ${delaySeconds} s`] : []),
    ...(allowed === 'any' || allowed.includes(phase ?? '') ? [] : [`${called}, which waits for nothing`]),
  ];
}
