import { describe, expect, it } from 'vitest';
import type { SchemaNode } from './crd-node.ts';
import { ruleCheck } from './crd-rule-check.ts';

const text: SchemaNode = { type: 'string' };
const node: SchemaNode = {
  type: 'object',
  properties: {
    name: text,
    count: { type: 'integer' },
    at: { type: 'string', format: 'date-time' },
    'with-dash': text,
    names: { type: 'array', items: text },
    steps: { type: 'array', items: { type: 'object', properties: { name: text } } },
    limits: { type: 'object', additionalProperties: { type: 'integer' } },
    free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
    bare: { type: 'object' },
  },
};

describe('a rule is checked against its schema', () => {
  it.each([
    ['self == oldSelf'],
    ["self.name.startsWith('x')"],
    ['has(self.name) && self.count > 1'],
    ["self.at < timestamp('2026-01-01T00:00:00Z')"],
    ['self.with__dash__dash == self.name'],
    ['self.names.all(n, size(n) > 0)'],
    ['self.steps == oldSelf.steps'],
    ['self.steps.exists_one(s, s.name == self.name)'],
    ['self.limits.all(k, self.limits[k] > 0)'],
    ['self.free.anything == 1'],
    ['duration(self.name) < duration("1h")'],
  ])('and holds: %s', (rule) => {
    expect(ruleCheck(node, false)(rule)).toBeNull();
  });

  it.each([
    ['self.misspelt == 1', 'No such key: misspelt'],
    ['self.bare.anything == 1', 'No such key: anything'],
    ['self.count > self.name', 'no such overload'],
    ['size(self.name)', 'must evaluate to a bool'],
    ['self.metadata.name == "x"', 'No such key: metadata'],
  ])('and is refused: %s', (rule, words) => {
    expect(ruleCheck(node, false)(rule)).toContain(words);
  });

  it('and sees the names of the object at its root', () => {
    expect(ruleCheck(node, true)('size(self.metadata.name) <= 63 && self.kind == "X"')).toBeNull();
    expect(ruleCheck(node, true)('self.metadata.labels == {}')).toContain('No such key: labels');
  });
});
