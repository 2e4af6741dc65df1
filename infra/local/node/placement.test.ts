import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../shared/api/json.ts';
import { aPodView, type PodFixture } from '../../../test/support/pods.ts';
import { nodeSchema, type Node } from './node-object.ts';
import { placePod } from './placement.ts';

function aNode(
  name: string,
  {
    spec = {},
    labels = {},
    ready = 'True',
    allocatable = {},
  }: { readonly spec?: JsonObject; readonly labels?: JsonObject; readonly ready?: string; readonly allocatable?: JsonObject } = {},
): Node {
  return nodeSchema.parse({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, uid: name, resourceVersion: '1', creationTimestamp: '2026-01-15T09:00:00Z', labels },
    spec,
    status: { allocatable: { cpu: '2', memory: '1Gi', pods: '3', ...allocatable }, conditions: [{ type: 'Ready', status: ready }] },
  });
}

const waiting = (fixture: PodFixture = {}) => aPodView({ ...fixture, spec: { nodeName: undefined, ...fixture.spec } });
const on = (nodeName: string, container: JsonObject = {}) => aPodView({ spec: { nodeName }, container });
const requesting = (requests: JsonObject) => ({ resources: { requests } });
const taint = { key: 'dedicated', value: 'db', effect: 'NoSchedule' };
const affinity = (expression: JsonObject) => ({
  affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: [expression] }] } } },
});

describe('a pod is placed', () => {
  it('where the fewest pods are, then by name', () => {
    expect(placePod(waiting(), [aNode('b'), aNode('a')], [])).toEqual({ kind: 'node', name: 'a' });
    expect(placePod(waiting(), [aNode('a'), aNode('b')], [on('a')])).toEqual({ kind: 'node', name: 'b' });
  });

  it.each<[sentence: string, pod: PodFixture, node: Parameters<typeof aNode>[1]]>([
    [
      'tolerates the taint by value',
      { spec: { tolerations: [{ key: 'dedicated', operator: 'Equal', value: 'db', effect: 'NoSchedule' }] } },
      { spec: { taints: [taint] } },
    ],
    ['tolerates the taint whatever its value', { spec: { tolerations: [{ key: 'dedicated', operator: 'Exists' }] } }, { spec: { taints: [taint] } }],
    ['tolerates everything, even a cordon', { spec: { tolerations: [{ operator: 'Exists' }] } }, { spec: { unschedulable: true } }],
    ['would rather not be here, but may', {}, { spec: { taints: [{ ...taint, effect: 'PreferNoSchedule' }] } }],
    ['is selected by label', { spec: { nodeSelector: { disk: 'ssd' } } }, { labels: { disk: 'ssd' } }],
    ['has the affinity', { spec: affinity({ key: 'disk', operator: 'In', values: ['ssd', 'nvme'] }) }, { labels: { disk: 'ssd' } }],
    ['wants a label not to be there', { spec: affinity({ key: 'spot', operator: 'DoesNotExist' }) }, {}],
    ['fits exactly', { container: requesting({ cpu: '2', memory: '1Gi' }) }, {}],
  ])('where it %s', (_sentence, pod, node) => {
    expect(placePod(waiting(pod), [aNode('a', node)], [])).toEqual({ kind: 'node', name: 'a' });
  });
});

describe('a pod waits, and the scheduler says why', () => {
  it.each<[sentence: string, pod: PodFixture, node: Parameters<typeof aNode>[1], message: string]>([
    ['the node is cordoned', {}, { spec: { unschedulable: true } }, '1 node(s) were unschedulable'],
    ['the node is not ready', {}, { ready: 'False' }, '1 node(s) had untolerated taint(s)'],
    ['the node is tainted', {}, { spec: { taints: [taint] } }, '1 node(s) had untolerated taint(s)'],
    [
      'its toleration is for another value',
      { spec: { tolerations: [{ key: 'dedicated', value: 'web' }] } },
      { spec: { taints: [taint] } },
      '1 node(s) had untolerated taint(s)',
    ],
    ['no node has its label', { spec: { nodeSelector: { disk: 'ssd' } } }, {}, "1 node(s) didn't match Pod's node affinity/selector"],
    [
      'the affinity is for others',
      { spec: affinity({ key: 'disk', operator: 'NotIn', values: ['hdd'] }) },
      { labels: { disk: 'hdd' } },
      "1 node(s) didn't match Pod's node affinity/selector",
    ],
    ['there is not enough memory', { container: requesting({ memory: '1025Mi' }) }, {}, '1 Insufficient memory'],
  ])('when %s', (_sentence, pod, node, message) => {
    expect(placePod(waiting(pod), [aNode('a', node)], [])).toEqual({ kind: 'nowhere', message: `0/1 nodes are available: ${message}.` });
  });

  it('when what is left is not enough, counting neither finished pods nor other nodes', () => {
    const half = requesting({ cpu: '1500m' });
    const finished = aPodView({ container: half, status: { phase: 'Succeeded' } });
    expect(placePod(waiting({ container: half }), [aNode('a')], [on('a', half)])).toMatchObject({ message: '0/1 nodes are available: 1 Insufficient cpu.' });
    expect(placePod(waiting({ container: half }), [aNode('sandbox-node')], [finished, on('b', half)])).toEqual({ kind: 'node', name: 'sandbox-node' });
  });

  it('when the nodes are full, or have each their own reason, or are none', () => {
    const nodes = [aNode('a'), aNode('b', { spec: { unschedulable: true } }), aNode('c', { spec: { unschedulable: true } })];
    expect(placePod(waiting(), nodes, [on('a'), on('a'), on('a')])).toEqual({
      kind: 'nowhere',
      message: '0/3 nodes are available: 1 Too many pods, 2 node(s) were unschedulable.',
    });
    expect(placePod(waiting(), [], [])).toEqual({ kind: 'nowhere', message: '0/0 nodes are available: there are no nodes.' });
  });
});
