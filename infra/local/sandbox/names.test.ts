import { describe, expect, it } from 'vitest';
import { builtInTypes } from './built-in-types.ts';
import { generatedName, nameCauses } from './names.ts';

describe('a name', () => {
  it.each<[plural: string, name: string, isTaken: boolean]>([
    ['configmaps', 'a', true],
    ['configmaps', 'kube-root-ca.crt', true],
    ['configmaps', 'a'.repeat(253), true],
    ['configmaps', 'a'.repeat(254), false],
    ['configmaps', 'A', false],
    ['configmaps', '-a', false],
    ['configmaps', 'a..b', false],
    ['namespaces', 'a.b', false],
    ['namespaces', 'a'.repeat(64), false],
    ['roles', 'system:controller:job-controller', true],
    ['roles', 'a/b', false],
    ['roles', '..', false],
  ])('of %s: %s', (plural, name, isTaken) => {
    const type = builtInTypes.find((candidate) => candidate.plural === plural);
    if (type === undefined) throw new Error(`no ${plural}`);
    expect(nameCauses(type, name)).toHaveLength(isTaken ? 0 : 1);
  });

  it('is generated from its uuid, and fits into a label', () => {
    expect(generatedName('job-', '00112233-4455-6677-8899-aabbccddeeff')).toBe(generatedName('job-', '00112233-4455-6677-8899-aabbccddeeff'));
    expect(generatedName('job-', '00112233-4455-6677-8899-aabbccddeeff')).not.toBe(generatedName('job-', '10112233-4455-6677-8899-aabbccddeeff'));
    expect(generatedName('x'.repeat(80), '00112233-4455-6677-8899-aabbccddeeff')).toHaveLength(63);
  });
});
