import { expect, it } from 'vitest';
import { aBudget, aConfigMap, aDeployment, anAutoscaler, boundSample } from '../../test/support/actions.ts';
import type { KubernetesObject } from '../api/object-ref.ts';
import type { ClusterReader } from '../kubernetes/ports.ts';
import { readContext } from './context.ts';

/** A namespace that holds just these; a list gives as many as it was asked for. */
function holding(...objects: readonly KubernetesObject[]): Pick<ClusterReader, 'get' | 'list'> {
  return {
    get: async (key) => objects.find(({ kind, metadata }) => kind === key.kind && metadata.name === key.name) ?? null,
    list: async ({ kind }, { namespace, limit }) => objects.filter((object) => object.kind === kind && object.metadata.namespace === namespace).slice(0, limit),
  };
}

it('reads the lists that an action wants, so that its preconditions see what has no name to ask for', async () => {
  const action = boundSample('scale_deployment', { replicas: 1 });
  const context = await readContext(action, aDeployment(), holding(aBudget({ minAvailable: 2 }), anAutoscaler('payment-api'), aConfigMap()));
  expect(context.map((object) => object?.kind)).toEqual(['HorizontalPodAutoscaler', 'PodDisruptionBudget']);
  expect(action.preconditions(aDeployment(), context)).toHaveLength(2);
});

it('gives null for an object that is not there', async () => {
  const action = boundSample('patch_configmap');
  expect(await readContext(action, aConfigMap(), holding())).toEqual([null]);
  expect(await readContext(action, aConfigMap(), holding(aDeployment()))).toEqual([aDeployment()]);
});
