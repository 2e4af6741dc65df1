import { describe, expect, it } from 'vitest';
import { aDeployment, aQuota, aRollout, aTemplate, boundSample } from '../../test/support/actions.ts';
import type { JsonObject } from '../api/json.ts';
import type { KubernetesObject } from '../api/object-ref.ts';
import { bindAction, fromRecommendation, parseAction } from './index.ts';

const toOneGi = boundSample('increase_memory_limit');
const limit = (memory: string, more: JsonObject = {}) => boundSample('increase_memory_limit', { memory, ...more });
const withMemory = (memory: string | null, replicas = 3) => aDeployment({ spec: { replicas, template: aTemplate(memory) } });

describe('increase_memory_limit', () => {
  it.each<[sentence: string, changes: JsonObject, field: string, message: string]>([
    ['an amount with a sign', { memory: '-1Gi' }, 'memory', 'memory: must be an amount of memory such as 512Mi'],
    ['an amount with a plus', { memory: '+1Gi' }, 'memory', 'memory: must be an amount of memory'],
    ['nothing', { memory: '0' }, 'memory', 'memory: must be an amount of memory'],
    ['an unknown unit', { memory: '1GB' }, 'memory', 'memory: must be an amount of memory'],
    ['two limits in one', { memory: '1Gi,cpu=4' }, 'memory', 'memory: must be an amount of memory'],
    ['a number', { memory: 1024 }, 'memory', 'memory: must be an amount of memory'],
    ['an endless number', { memory: '1'.repeat(40) }, 'memory', 'memory: must be an amount of memory'],
    ['another kind', { kind: 'pod' }, 'kind', 'kind: must be one of deployment, statefulset, daemonset'],
    ['a pattern of containers', { container: '*' }, 'container', 'container: must be the name of a container'],
    ['no container', { container: undefined }, 'container', 'container: is missing'],
    ['another resource', { cpu: '2' }, 'cpu', 'cpu: is no parameter of increase_memory_limit'],
  ])('refuses %s', (_sentence, changes, field, message) => {
    const parameters = { namespace: 'production', kind: 'deployment', name: 'payment-api', container: 'app', memory: '1Gi', ...changes };
    expect(parseAction('increase_memory_limit', parameters)).toEqual({ kind: 'invalid_parameters', field, message: expect.stringContaining(message) });
  });

  it('reads a recommendation in the words of the analysis', () => {
    const step = { namespace: 'production', kind: 'deployment', name: 'payment-api', container: 'app', memory: '1Gi' };
    const common = { namespace: 'production', container: 'app', currentMemory: '512Mi', targetMemory: '1Gi', restore: true };
    expect(fromRecommendation('increase_memory_limit', { ...common, deployment: 'payment-api' })).toEqual(step);
    expect(fromRecommendation('increase_memory_limit', { ...common, kind: 'Deployment', name: 'payment-api' })).toEqual(step);
    expect(fromRecommendation('increase_memory_limit', { kind: 'Rollout', name: 'x' })).toEqual({ kind: 'Rollout', name: 'x' });
    expect(fromRecommendation('increase_memory_limit', { deployment: 'x', name: 'y' })).toEqual({ deployment: 'x', name: 'y' });
  });

  it('is one kubectl command, and the requests that it makes', () => {
    expect(toOneGi.argv(aDeployment())).toEqual([
      'set',
      'resources',
      'deployment',
      'payment-api',
      '--namespace=production',
      '--containers=app',
      '--limits=memory=1Gi',
    ]);
    const path = '/apis/apps/v1/namespaces/production/deployments/payment-api';
    const containers = [{ name: 'app', resources: { limits: { memory: '1Gi' } } }];
    const body = { spec: { template: { spec: { '$setElementOrder/containers': [{ name: 'app' }, { name: 'proxy' }], containers } } } };
    expect(toOneGi.requests(aDeployment())).toEqual([
      { method: 'GET', path },
      { method: 'PATCH', path, patchType: 'application/strategic-merge-patch+json', body },
    ]);
    expect(toOneGi.dryRunOutput(aDeployment())).toBe('deployment.apps/payment-api resource requirements updated (dry run)');
    expect(toOneGi.success()).toBe('Successfully set the memory limit of container app in deployment payment-api to 1Gi');
    expect(limit('1Gi', { kind: 'daemonset' }).target).toEqual({ apiVersion: 'apps/v1', kind: 'DaemonSet', namespace: 'production', name: 'payment-api' });
  });

  it.each<[sentence: string, memory: string, before: KubernetesObject | null, risk: string]>([
    ['up to twice is low', '1Gi', aDeployment(), 'low'],
    ['more is moderate', '1025Mi', aDeployment(), 'moderate'],
    ['down is moderate', '256Mi', aDeployment(), 'moderate'],
    ['an unknown limit is moderate', '1Gi', null, 'moderate'],
    ['no limit is moderate', '1Gi', withMemory(null), 'moderate'],
  ])('risk: %s', (_sentence, memory, before, risk) => {
    expect(limit(memory).risk(before)).toBe(risk);
  });

  it.each<[sentence: string, changes: JsonObject, target: KubernetesObject, field: string, message: string]>([
    [
      'there is no such container',
      { container: 'ap' },
      aDeployment(),
      'container',
      'container: must be one of app, proxy: deployment payment-api has no container ap',
    ],
    ['the container has no limit', { container: 'proxy' }, aDeployment(), 'container', 'container: proxy has no memory limit, so there is none to raise'],
    ['it would shrink', { memory: '511Mi' }, aDeployment(), 'memory', 'memory: must be more than the present limit of 512Mi'],
    ['it grows beyond four times', { memory: '2049Mi' }, aDeployment(), 'memory', 'memory: must be at most 2Gi, 4 times the present limit of 512Mi'],
    [
      'an undo falls below the request',
      { memory: '200Mi', restore: true },
      aDeployment(),
      'memory',
      "memory: must not be below the container's request of 256Mi",
    ],
    ['the rollout is paused', {}, aDeployment({ spec: { paused: true, template: aTemplate() } }), 'name', 'name: deployment payment-api is paused'],
    [
      'pods are replaced by hand',
      {},
      aDeployment({ spec: { updateStrategy: { type: 'OnDelete' }, template: aTemplate() } }),
      'name',
      'has update strategy OnDelete',
    ],
  ])('forbids when %s', (...[, changes, target, field, message]) => {
    expect(boundSample('increase_memory_limit', changes).preconditions(target, [])).toEqual([{ field, message: expect.stringContaining(message) }]);
  });

  it('names the only container where there is one', () => {
    const target = aDeployment({ spec: { template: { spec: { containers: [{ name: 'app' }] } } } });
    expect(limit('1Gi', { container: 'ap' }).preconditions(target, [])[0]?.message).toContain('container: must be app: ');
  });

  it('forbids what the quota has no room for, in every replica', () => {
    const message = 'memory: quota team-quota has 1535Mi of limits.memory left, 1536Mi more are needed: ask for less, or raise the quota';
    expect(toOneGi.preconditions(aDeployment(), [aQuota('4Gi', '2561Mi')])).toEqual([{ field: 'memory', message }]);
    expect(toOneGi.preconditions(aDeployment(), [aQuota('1Gi', '2Gi')])[0]?.message).toContain('has 0 of limits.memory left');
  });

  it.each<[sentence: string, context: KubernetesObject]>([
    ['has just the room', aQuota('4Gi', '2560Mi')],
    ['is for some pods only', aQuota('1Gi', '1Gi', { scopes: ['BestEffort'] })],
    ['selects by priority', aQuota('1Gi', '1Gi', { scopeSelector: {} })],
    ['does not speak of memory', aQuota('', '')],
  ])('allows where the quota %s', (_sentence, context) => {
    expect(toOneGi.preconditions(aDeployment(), [null, context])).toEqual([]);
  });

  it('has nothing to do where the limit is that, however it is written', () => {
    expect(limit('0.5Gi').alreadyDone(aDeployment())).toBe('container app of deployment payment-api already has a memory limit of 0.5Gi: nothing to do');
    expect(toOneGi.alreadyDone(aDeployment())).toBeNull();
  });

  it('can be undone, and the undo undone', () => {
    const undo = toOneGi.undo(aDeployment());
    const parameters = { namespace: 'production', kind: 'deployment', name: 'payment-api', container: 'app', memory: '512Mi', restore: true };
    expect(undo).toEqual({ action: 'increase_memory_limit', parameters });
    const back = bindAction('increase_memory_limit', undo?.parameters ?? {});
    expect(back.preconditions(withMemory('1Gi'), [])).toEqual([]);
    const again = bindAction('increase_memory_limit', back.undo(withMemory('1Gi'))?.parameters ?? {});
    expect(again.parameters['memory']).toBe('1Gi');
    expect(again.preconditions(withMemory('512Mi'), [])).toEqual([]);
  });

  it('has no undo where there was no limit', () => {
    expect(toOneGi.undo(withMemory(null))).toBeNull();
  });

  const raised = (status: object) => aDeployment({ spec: { replicas: 3, template: aTemplate('1024Mi') }, status: { ...aRollout(3), ...status } });
  const incomplete = 'memory limit set, but the rollout is not complete: ';
  it.each<[sentence: string, world: KubernetesObject | null, kind: string, message: string]>([
    ['the limit is another', aDeployment(), 'failed', 'expected a memory limit of 1Gi for container app, got 512Mi'],
    ['the limit is gone', withMemory(null), 'failed', 'expected a memory limit of 1Gi for container app, got none'],
    [
      'the rollout is not seen yet',
      raised({ observedGeneration: 1 }),
      'waiting',
      `${incomplete}the controller of deployment payment-api has not observed the change yet`,
    ],
    ['the rollout is under way', raised({ updatedReplicas: 1 }), 'waiting', `${incomplete}1 of 3 replicas updated`],
    ['old replicas are still there', raised({ replicas: 4 }), 'waiting', `${incomplete}1 old replica still to end`],
    ['a replica is not available', raised({ availableReplicas: 2 }), 'waiting', `${incomplete}2 of 3 replicas available`],
    ['all is done', raised({}), 'ok', 'Verified a memory limit of 1Gi for container app, 3 of 3 replicas updated and available'],
    ['it is gone', null, 'failed', 'deployment payment-api is gone'],
    ['it is another', aDeployment({ metadata: { uid: 'u9' } }), 'failed', 'deployment payment-api was replaced: its uid is u9, expected u1'],
  ])('judges when %s', (_sentence, world, kind, message) => {
    const before = toOneGi.remember(aDeployment());
    expect(toOneGi.outcome.reads(before)).toEqual([toOneGi.target]);
    expect(toOneGi.outcome.judge(before, [world])).toEqual({ kind, message });
  });

  it('has ten minutes to roll out, and keeps the resources of its container only', () => {
    expect(toOneGi.outcome.deadlineSeconds).toBe(600);
    const resources = { requests: { memory: '256Mi' }, limits: { cpu: '1', memory: '512Mi' } };
    expect(toOneGi.remember(aDeployment())['spec']).toEqual({ template: { spec: { containers: [{ name: 'app', resources }] } } });
  });
});
