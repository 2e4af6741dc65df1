import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { acyclicSteps, node } from '../../test/support/workflows.ts';
import { cycleOf, dependentsOf, graphFault } from './graph.ts';

describe('graphFault', () => {
  it.each([
    ['an unknown dependency', [node('a'), node('b', 'a', 'x')], 'workflowDefinition.steps[1].dependencies[1]: unknown dependency "x"'],
    [
      'a name that comes twice',
      [node('a'), node('b'), node('a')],
      'workflowDefinition.steps[2].name: duplicate step name "a", already used by workflowDefinition.steps[0]',
    ],
    ['a cycle of two', [node('a', 'b'), node('b', 'a')], 'workflowDefinition.steps: circular dependency: a → b → a'],
    ['a step that waits for itself', [node('a', 'a')], 'circular dependency: a → a'],
    ['a cycle behind sound steps', [node('z'), node('c', 'z', 'd'), node('d', 'e'), node('e', 'c')], 'circular dependency: c → d → e → c'],
    ['an upper case name', [node('Scale')], 'workflowDefinition.steps[0].name: "Scale" must be lower case'],
    ['a name of 41 characters', [node('a'.repeat(41))], 'must be lower case letters, digits and dashes, at most 40'],
    ['a name that begins with a digit', [node('1a')], 'workflowDefinition.steps[0].name'],
    ['a name that ends in a dash', [node('a-')], 'workflowDefinition.steps[0].name'],
    ['the name of an undoing execution', [node('scale-rollback')], 'must not end in -rollback'],
    ['all of it, and the name is first', [node('a', 'x'), node('B', 'a')], 'workflowDefinition.steps[1].name'],
  ])('names %s', (_sentence, steps, words) => {
    expect(graphFault(steps)).toContain(words);
  });

  it.each([
    ['one step', [node('a')]],
    ['a name of 40 characters', [node(`a${'b'.repeat(39)}`)]],
    ['a diamond', [node('a'), node('b', 'a'), node('c', 'a'), node('d', 'b', 'c')]],
    ['a dependency that is defined later', [node('b', 'a'), node('a')]],
    ['a dependency that is named twice', [node('a'), node('b', 'a', 'a')]],
  ])('takes %s', (_sentence, steps) => {
    expect(graphFault(steps)).toBeNull();
  });

  it('finds nothing in any graph without a cycle', () => {
    fc.assert(
      fc.property(acyclicSteps, (steps) => {
        expect(graphFault(steps)).toBeNull();
      }),
    );
  });

  it('names a cycle that is really there, wherever one is', () => {
    const closed = acyclicSteps.chain((steps) => fc.record({ steps: fc.constant(steps), from: fc.nat(steps.length - 1), to: fc.nat(steps.length - 1) }));
    fc.assert(
      fc.property(closed, ({ steps, from, to }) => {
        // An edge both ways between two steps, or from a step to itself, closes a cycle in any graph.
        const first = steps[from]!.name;
        const second = steps[to]!.name;
        const cyclic = steps.map((step) => ({
          ...step,
          dependencies: [...step.dependencies, ...(step.name === first ? [second] : []), ...(step.name === second ? [first] : [])],
        }));
        const cycle = cycleOf(cyclic)!;
        expect(cycle.length).toBeGreaterThan(1);
        expect(cycle.at(-1)).toBe(cycle[0]);
        for (const [index, name] of cycle.slice(0, -1).entries()) expect(cyclic.find((step) => step.name === name)!.dependencies).toContain(cycle[index + 1]);
        expect(graphFault(cyclic)).toContain(cycle.join(' → '));
      }),
    );
  });
});

describe('dependentsOf', () => {
  const steps = [node('d', 'c'), node('a'), node('b', 'a'), node('c', 'b'), node('e')];

  it('finds who waits through others, in the order of the definition', () => {
    expect(dependentsOf(steps, new Set(['a']))).toEqual(['d', 'b', 'c']);
  });

  it('finds nobody for a step that nobody waits for', () => {
    expect(dependentsOf(steps, new Set(['e']))).toEqual([]);
  });
});
