import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { acyclicSteps, node } from '../../test/support/workflows.ts';
import { batchesOf, orderFault } from './batches.ts';

const diamond = [node('d', 'b', 'c'), node('a'), node('c', 'a'), node('b', 'a')];

describe('batchesOf', () => {
  it('orders by dependencies, and within a batch by the definition', () => {
    expect(batchesOf(diamond, 'parallel')).toEqual([
      { batch: 1, steps: ['a'], parallel: false },
      { batch: 2, steps: ['c', 'b'], parallel: true },
      { batch: 3, steps: ['d'], parallel: false },
    ]);
  });

  it('plans the same batches in sequence, none of them parallel', () => {
    const sequential = batchesOf(diamond, 'sequential');
    expect(sequential.map(({ steps }) => steps)).toEqual(batchesOf(diamond, 'parallel').map(({ steps }) => steps));
    expect(sequential.some(({ parallel }) => parallel)).toBe(false);
  });

  it('leaves out the steps of a cycle and who waits for them', () => {
    expect(batchesOf([node('a'), node('b', 'c'), node('c', 'b'), node('d', 'c')], 'parallel')).toEqual([{ batch: 1, steps: ['a'], parallel: false }]);
  });

  it('covers every step exactly once, each after all that it waits for and none later than it must', () => {
    fc.assert(
      fc.property(acyclicSteps, fc.constantFrom('sequential' as const, 'parallel' as const), (steps, mode) => {
        const batches = batchesOf(steps, mode);
        const batchOf = new Map(batches.flatMap(({ batch, steps: names }) => names.map((name) => [name, batch] as const)));
        expect(orderFault(steps, batches)).toBeNull();
        expect(batches.flatMap((batch) => batch.steps).toSorted()).toEqual(steps.map(({ name }) => name).toSorted());
        expect(batches.map(({ batch }) => batch)).toEqual(batches.map((_, index) => index + 1));
        for (const { name, dependencies } of steps) {
          const latest = Math.max(0, ...dependencies.map((dependency) => batchOf.get(dependency)!));
          expect(batchOf.get(name)).toBe(latest + 1);
        }
      }),
    );
  });
});

describe('orderFault', () => {
  const batch = (...names: string[]) => [{ batch: 1, steps: names, parallel: false }];

  it.each([
    ['a step that no batch holds', batch('a'), 'step "b" is in no batch'],
    ['a step that comes twice', batch('a', 'b', 'a'), 'step "a" is planned more than once'],
    ['a name that is no step', batch('a', 'b', 'x'), '"x" is no step of the definition'],
  ])('names %s', (_sentence, batches, words) => {
    expect(orderFault([node('a'), node('b')], batches)).toContain(words);
  });
});
