import { expect, it } from 'vitest';
import { aDeployment, boundSample } from '../../test/support/actions.ts';
import type { JsonObject } from '../api/json.ts';
import { targetBefore } from './target-before.ts';

const scale = boundSample('scale_deployment');
const identity = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'payment-api', namespace: 'production' } };

it('gives back what an action remembered, through the JSON of a status', () => {
  const remembered = scale.remember(aDeployment());
  const stored = JSON.parse(JSON.stringify(remembered)) as JsonObject;
  expect(targetBefore({ status: { phase: 'executing', targetBefore: stored, conditions: [] } }, scale)).toEqual(remembered);
});

it.each<[sentence: string, kept: JsonObject]>([
  ['nothing', {}],
  ['something else', { metadata: 'lost' }],
])('knows the target by its name where the status holds %s', (_sentence, kept) => {
  expect(targetBefore({ status: { phase: 'executing', targetBefore: kept, conditions: [] } }, scale)).toEqual(identity);
});

it('does not let a status move the target', () => {
  const kept = { kind: 'Secret', metadata: { name: 'other', namespace: 'kube-system', uid: 'u1' } };
  const before = targetBefore({ status: { phase: 'executing', targetBefore: kept, conditions: [] } }, scale);
  expect(before).toEqual({ ...identity, metadata: { ...identity.metadata, uid: 'u1' } });
});
