import { expect, it } from 'vitest';
import { actions } from './index.ts';
import { actionReference } from './reference.ts';

const reference = actionReference();

it.each(actions)('tells an operator of $name every parameter, every other name and every right', ({ name, aliases, params, rbac }) => {
  const section = reference.split('\n## ').find((part) => part.startsWith(`${name}\n`)) ?? '';
  expect(Object.keys(params.shape).filter((parameter) => !section.includes(`| ${parameter} |`))).toEqual([]);
  expect(rbac.flatMap(({ resources }) => resources).filter((resource) => !section.includes(`\`${resource}`))).toEqual([]);
  expect(aliases.filter((alias) => !reference.includes(`\`${alias}\``))).toEqual([]);
});

it('says bounds, defaults and choices in words', () => {
  expect(reference).toContain('| replicas | integer, 0 to 1000 | yes | How many pods it shall have. |');
  expect(reference).toContain('| gracePeriodSeconds | integer, 0 to 300 | no, 30 |');
  expect(reference).toContain('| kind | deployment, statefulset, daemonset | yes |');
  expect(reference).toContain('| restore | true | no |');
  expect(reference).toContain('patch on `deployments/scale.apps`');
});
