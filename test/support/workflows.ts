import fc from 'fast-check';
import type { Node } from '../../functions/workflow-execution/graph.ts';

/** A step as the graph sees it: its name, then the names it waits for. */
export function node(name: string, ...dependencies: readonly string[]): Node {
  return { name, dependencies };
}

/** 1 to 12 steps in any order of definition, whose dependencies hold no cycle. */
export const acyclicSteps: fc.Arbitrary<readonly Node[]> = fc
  .array(fc.array(fc.nat(11), { maxLength: 4 }), { minLength: 1, maxLength: 12 })
  .map((wanted) => wanted.map((earlier, index) => node(`s${index}`, ...new Set(earlier.filter((other) => other < index).map((other) => `s${other}`)))))
  .chain((steps) => fc.shuffledSubarray([...steps], { minLength: steps.length }));
