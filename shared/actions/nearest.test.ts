import { describe, expect, it } from 'vitest';
import { nearest } from './nearest.ts';

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
