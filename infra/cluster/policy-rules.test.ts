import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PolicyRule } from '../../shared/kubernetes/ports.ts';
import { mergedRules, rulesBeyond } from './policy-rules.ts';

function grants(rules: readonly PolicyRule[]): ReadonlySet<string> {
  const all = rules.flatMap(({ apiGroups, resources, verbs, resourceNames = ['*'] }) =>
    apiGroups.flatMap((group) =>
      resources.flatMap((resource) => verbs.flatMap((verb) => resourceNames.map((name) => [group, resource, verb, name].join(' ')))),
    ),
  );
  return new Set(all);
}

const some = (...texts: readonly string[]) => fc.uniqueArray(fc.constantFrom(...texts), { minLength: 1 });
const rule: fc.Arbitrary<PolicyRule> = fc.record(
  { apiGroups: some('', 'apps', 'batch'), resources: some('pods', 'jobs', 'jobs/status'), verbs: some('get', 'list', 'patch'), resourceNames: some('a', 'b') },
  { requiredKeys: ['apiGroups', 'resources', 'verbs'] },
);

describe('mergedRules', () => {
  it('says what belongs together once, sorted', () => {
    const merged = mergedRules([
      { apiGroups: ['apps'], resources: ['deployments'], verbs: ['patch', 'get'] },
      { apiGroups: ['apps'], resources: ['statefulsets'], verbs: ['get'] },
      { apiGroups: ['apps'], resources: ['statefulsets'], verbs: ['patch', 'get'] },
      { apiGroups: [''], resources: ['pods'], verbs: ['get'] },
    ]);
    expect(merged).toEqual([
      { apiGroups: [''], resources: ['pods'], verbs: ['get'] },
      { apiGroups: ['apps'], resources: ['deployments', 'statefulsets'], verbs: ['get', 'patch'] },
    ]);
  });

  it('grants exactly what its rules grant, in whatever order they come', () => {
    fc.assert(
      fc.property(fc.array(rule, { maxLength: 6 }), (rules) => {
        expect(grants(mergedRules(rules))).toEqual(grants(rules));
        expect(mergedRules(rules.toReversed())).toEqual(mergedRules(rules));
      }),
    );
  });
});

describe('rulesBeyond', () => {
  it('leaves out what holds everywhere anyway, of all objects', () => {
    const wider = [
      { apiGroups: [''], resources: ['pods'], verbs: ['get', 'list'] },
      { apiGroups: ['batch'], resources: ['jobs'], verbs: ['get'], resourceNames: ['a'] },
    ];
    const rules = [
      { apiGroups: [''], resources: ['pods'], verbs: ['list'] },
      { apiGroups: ['batch'], resources: ['jobs'], verbs: ['get', 'patch'] },
    ];
    expect(mergedRules(rulesBeyond(rules, wider))).toEqual([{ apiGroups: ['batch'], resources: ['jobs'], verbs: ['get', 'patch'] }]);
  });

  it('loses nothing: with the wider ones everything is granted that was', () => {
    fc.assert(
      fc.property(fc.array(rule, { maxLength: 6 }), fc.array(rule, { maxLength: 6 }), (rules, wider) => {
        const unnamed = wider.map(({ resourceNames: _names, ...each }) => each);
        const beyond = rulesBeyond(rules, unnamed);
        const kindOf = (grant: string) => grant.split(' ').slice(0, 3).join(' ');
        const held = new Set([...grants(unnamed)].map(kindOf));
        expect(grants(beyond)).toEqual(new Set([...grants(rules)].filter((grant) => !held.has(kindOf(grant)))));
      }),
    );
  });
});
