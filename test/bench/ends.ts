import { defaultNamespace } from '../../shared/api/labels.ts';
import type { KubernetesObject } from '../../shared/api/object-ref.ts';
import type { Transport } from '../../shared/kubernetes/request.ts';
import { collectionPath } from '../../shared/kubernetes/resource-path.ts';
import { stringAt } from '../../shared/kubernetes/unstructured.ts';
import { withoutNames } from './without-names.ts';
import { phaseIsTerminal, requestKind } from '../../infra/local/story/observe.ts';

/** What a watch of the requests has seen so far. */
export interface Ends {
  /** How many requests are in each phase. */
  phases(): ReadonlyMap<string, number>;
  /** Why those that did not complete have ended as they did, with how many: the phase, the reason and the message. */
  failures(): ReadonlyMap<string, number>;
  /** When each that has ended did, in milliseconds of `performance.now()`. */
  ended(): readonly number[];
  /** Resolves to true once so many have ended, or to false when the patience has. */
  count(wanted: number, patienceMilliseconds: number): Promise<boolean>;
  stop(): Promise<void>;
}

export function followEnds(admin: Transport): Ends {
  const stopping = new AbortController();
  const latest = new Map<string, KubernetesObject>();
  const ended = new Map<string, number>();
  let looked: () => void = () => undefined;
  const note = (object: KubernetesObject) => {
    const { name } = object.metadata;
    latest.set(name, object);
    if (phaseIsTerminal(object) && !ended.has(name)) ended.set(name, performance.now());
    looked();
  };
  const following = follow(admin, note, stopping.signal);
  return {
    phases: () => countsOf([...latest.values()].map(phaseOf)),
    failures: () => countsOf([...latest.values()].filter((object) => phaseIsTerminal(object) && phaseOf(object) !== 'completed').map(failureOf)),
    ended: () => [...ended.values()],
    count: (wanted, patienceMilliseconds) =>
      new Promise((resolve) => {
        const patience = setTimeout(() => resolve(false), patienceMilliseconds);
        looked = () => {
          if (ended.size < wanted) return;
          clearTimeout(patience);
          resolve(true);
        };
        looked();
      }),
    async stop() {
      stopping.abort();
      await following;
    },
  };
}

function phaseOf(object: KubernetesObject): string {
  return stringAt(object, 'status', 'phase') ?? 'new';
}

function failureOf(object: KubernetesObject): string {
  return [phaseOf(object), stringAt(object, 'status', 'reason'), withoutNames(stringAt(object, 'status', 'message') ?? '')].join(': ');
}

/** Every kind of text once, the most frequent first. */
function countsOf(texts: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  return new Map([...counts].toSorted(([, a], [, b]) => b - a));
}

/** The server ends a watch after some minutes: it is opened anew, and told again what is there. */
async function follow(admin: Transport, note: (object: KubernetesObject) => void, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    for await (const { type, object } of admin.watch(collectionPath(requestKind, defaultNamespace), {}, signal)) {
      if (type === 'ADDED' || type === 'MODIFIED') note(object as unknown as KubernetesObject);
    }
  }
}
