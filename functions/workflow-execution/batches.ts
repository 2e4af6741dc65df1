import type { StrategyMode } from '../../shared/api/recommendation.ts';
import type { Batch } from '../../shared/api/workflow-status.ts';
import type { Node } from '../../shared/planning/graph.ts';

/**
 * Batch n holds the steps whose dependencies all lie in earlier batches, in the order of the definition. Both modes give the same
 * batches; only `parallel` differs. Steps of a cycle fall into no batch.
 */
export function batchesOf(steps: readonly Node[], mode: StrategyMode): readonly Batch[] {
  const batches: Batch[] = [];
  const placed = new Set<string>();
  let waiting = steps;
  for (;;) {
    const ready = waiting.filter(({ dependencies }) => dependencies.every((dependency) => placed.has(dependency)));
    if (ready.length === 0) return batches;
    const names = ready.map(({ name }) => name);
    batches.push({ batch: batches.length + 1, steps: names, parallel: mode === 'parallel' && names.length > 1 });
    for (const name of names) placed.add(name);
    waiting = waiting.filter((step) => !ready.includes(step));
  }
}

/** Why the batches are no order of these steps: one is missing, comes twice, or is no step at all. Null for a sound order. */
export function orderFault(steps: readonly Node[], batches: readonly Batch[]): string | null {
  const planned = batches.flatMap((batch) => batch.steps);
  const known = new Set(steps.map(({ name }) => name));
  const stranger = planned.find((name) => !known.has(name));
  if (stranger !== undefined) return `executionPlan.executionOrder: "${stranger}" is no step of the definition`;
  const twice = planned.find((name, index) => planned.indexOf(name) < index);
  if (twice !== undefined) return `executionPlan.executionOrder: step "${twice}" is planned more than once`;
  const forgotten = steps.find(({ name }) => !planned.includes(name));
  return forgotten === undefined ? null : `executionPlan.executionOrder: step "${forgotten.name}" is in no batch`;
}
