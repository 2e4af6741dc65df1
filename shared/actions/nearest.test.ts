import { describe, expect, it } from 'vitest';
import { nearest, nearestOnes } from './nearest.ts';

describe('nearest', () => {
  it.each<[word: string, known: readonly string[], meant: string | null]>([
    ['replcas', ['namespace', 'deployment', 'replicas'], 'replicas'],
    ['targetReplicas', ['namespace', 'deployment', 'replicas'], null],
    ['pods', ['pod'], 'pod'],
    ['x', ['pod'], null],
    ['', ['pod'], null],
    ['same', ['same'], 'same'],
    ['word', [], null],
    ['p'.repeat(64), ['p'.repeat(63)], null],
  ])('%s among %j', (word, known, meant) => {
    expect(nearest(word, known)).toBe(meant);
  });
});

describe('nearestOnes', () => {
  it('gives the nearest first, and no more than wanted', () => {
    const known = ['uncordon_node', 'drain_node', 'cordon_node', 'restart_pod'];
    expect(nearestOnes('cordon_nod', known, 3)).toEqual(['cordon_node', 'uncordon_node']);
    expect(nearestOnes('cordon_nod', known, 1)).toEqual(['cordon_node']);
    expect(nearestOnes('scale', known, 3)).toEqual([]);
  });
});
