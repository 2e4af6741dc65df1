import type { KubernetesObject } from '../../shared/api/object-ref.ts';

/** When each thing was first seen by a watch, in milliseconds: `rr executing`, `wf created`, `job created`, `job complete`. */
export interface Moments {
  note(object: KubernetesObject, atMilliseconds: number): void;
  /** Of the request whose alert names this Deployment; undefined: not yet. */
  at(target: string, what: string): number | undefined;
  /** Resolves when it was seen. Rejects after the patience. */
  seen(target: string, what: string, patienceMilliseconds: number): Promise<number>;
}

const short: Readonly<Record<string, string>> = {
  RemediationRequest: 'rr',
  RemediationProcessing: 'rp',
  AIAnalysis: 'aia',
  WorkflowExecution: 'wf',
  KubernetesExecution: 'ke',
  Job: 'job',
};
const requestLabel = 'kubernaut.io/remediation-request';

export function createMoments(): Moments {
  const targetByRequest = new Map<string, string>();
  const times = new Map<string, number>();
  const waiting = new Map<string, (at: number) => void>();
  const mark = (key: string, atMilliseconds: number) => {
    if (times.has(key)) return;
    times.set(key, atMilliseconds);
    waiting.get(key)?.(atMilliseconds);
  };
  return {
    note(object, atMilliseconds) {
      const request = object.kind === 'RemediationRequest' ? object.metadata.name : (object.metadata.labels?.[requestLabel] ?? '');
      if (object.kind === 'RemediationRequest') targetByRequest.set(request, targetOf(object));
      const target = targetByRequest.get(request);
      if (target === undefined) return;
      const kind = short[object.kind] ?? object.kind;
      mark(`${target} ${kind} created`, atMilliseconds);
      for (const state of statesOf(object)) mark(`${target} ${kind} ${state}`, atMilliseconds);
    },
    at: (target, what) => times.get(`${target} ${what}`),
    seen(target, what, patienceMilliseconds) {
      const key = `${target} ${what}`;
      const known = times.get(key);
      if (known !== undefined) return Promise.resolve(known);
      return new Promise((resolve, reject) => {
        const patience = setTimeout(() => reject(new Error(`${key} was not seen within ${patienceMilliseconds} ms`)), patienceMilliseconds);
        waiting.set(key, (at) => {
          clearTimeout(patience);
          resolve(at);
        });
      });
    },
  };
}

function targetOf(object: KubernetesObject): string {
  return (object['spec'] as { readonly target?: { readonly name?: string } } | undefined)?.target?.name ?? '';
}

function statesOf(object: KubernetesObject): readonly string[] {
  const status = object['status'] as
    | { readonly phase?: string; readonly conditions?: readonly { readonly type: string; readonly status: string }[] }
    | undefined;
  if (object.kind === 'Job') return (status?.conditions ?? []).filter(({ status: holds }) => holds === 'True').map(({ type }) => type.toLowerCase());
  return status?.phase === undefined || status.phase === '' ? [] : [status.phase];
}
