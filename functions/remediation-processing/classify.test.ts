import { describe, expect, it } from 'vitest';
import { classify, priorityOf } from './classify.ts';

describe('the environment', () => {
  it.each<[string, Parameters<typeof classify>, ReturnType<typeof classify>]>([
    [
      'our own label wins over all',
      ['shop-dev', { 'kubernaut.io/environment': 'production', env: 'dev' }, { 'shop-dev': 'staging' }],
      { environment: 'production', environmentSource: 'label' },
    ],
    ['a common label', ['shop', { environment: 'staging' }, {}], { environment: 'staging', environmentSource: 'label' }],
    ['a short spelling, whatever its case', ['shop', { env: 'PROD' }, {}], { environment: 'production', environmentSource: 'label' }],
    [
      'a label that says nothing gives way to the map',
      ['shop', { env: 'blue' }, { shop: 'development' }],
      { environment: 'development', environmentSource: 'map' },
    ],
    ['the map wins over the name', ['shop-prod', {}, { 'shop-prod': 'staging' }], { environment: 'staging', environmentSource: 'map' }],
    ['a part of the name', ['team-a-prod', {}, {}], { environment: 'production', environmentSource: 'pattern' }],
    ['the whole name', ['production', {}, {}], { environment: 'production', environmentSource: 'pattern' }],
    ['a part of a word is no part of the name', ['productions-of-films', {}, {}], { environment: 'unknown', environmentSource: 'none' }],
    ['nothing', ['shop', {}, {}], { environment: 'unknown', environmentSource: 'none' }],
    ['a word that every object knows is no environment', ['constructor', { env: 'constructor' }, {}], { environment: 'unknown', environmentSource: 'none' }],
    ['unknown cannot be chosen', ['shop', { env: 'unknown' }, {}], { environment: 'unknown', environmentSource: 'none' }],
  ])('%s', (_sentence, given, expected) => {
    expect(classify(...given)).toEqual(expected);
  });
});

describe('the priority', () => {
  it.each([
    ['critical', 'production', 'P0'],
    ['critical', 'unknown', 'P1'],
    ['warning', 'production', 'P1'],
    ['warning', 'development', 'P2'],
    ['info', 'production', 'P2'],
    ['info', 'unknown', 'P3'],
  ] as const)('of %s in %s is %s', (severity, environment, expected) => {
    expect(priorityOf(severity, environment)).toBe(expected);
  });
});
