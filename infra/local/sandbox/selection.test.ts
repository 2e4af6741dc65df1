import { describe, expect, it } from 'vitest';
import type { KubernetesObject } from '../../../shared/api/object-ref.ts';
import { builtInTypes } from './built-in-types.ts';
import { labelSelectorText, parseLabelSelector } from './label-selector.ts';
import type { ResourceType } from './resource-types.ts';
import { selectionOf } from './selection.ts';

const labels = { app: 'api', tier: 'web' };

describe('a label selector', () => {
  it.each<[selector: string, takes: boolean]>([
    ['', true],
    ['app=api', true],
    ['app==api', true],
    ['app = api', true],
    ['app=other', false],
    ['app!=other', true],
    ['app!=api', false],
    ['absent!=x', true],
    ['app in (api, other)', true],
    ['app in (other)', false],
    ['absent in (x)', false],
    ['app notin (other)', true],
    ['absent notin (x)', true],
    ['app', true],
    ['absent', false],
    ['!absent', true],
    ['!app', false],
    ['app=api,tier in (web,db),!absent', true],
    ['app=api,tier=db', false],
    ['absent=', false],
    ['kubernetes.io/os!=linux', true],
  ])('%s', (selector, takes) => {
    expect(parseLabelSelector(selector)(labels)).toBe(takes);
  });

  it.each(['app=a=b', 'app in api', '=x', 'app in (a', 'app >< 1'])('is refused when it is %s', (selector) => {
    expect(() => parseLabelSelector(selector)).toThrow('unable to parse requirement');
  });

  it('is printed as a Scale shows it', () => {
    const expressions = [
      { key: 'a', operator: 'In', values: ['1', '2'] },
      { key: 'b', operator: 'NotIn', values: ['3'] },
      { key: 'c', operator: 'Exists' },
      { key: 'd', operator: 'DoesNotExist' },
    ];
    const text = labelSelectorText({ matchLabels: { z: '1', y: '2' }, matchExpressions: expressions });
    expect(text).toBe('y=2,z=1,a in (1,2),b notin (3),c,!d');
    expect(parseLabelSelector(text)({ z: '1', y: '2', a: '2', c: '' })).toBe(true);
  });
});

function typeOf(plural: string): ResourceType {
  const type = builtInTypes.find((candidate) => candidate.plural === plural);
  if (type === undefined) throw new Error(`no ${plural}`);
  return type;
}

const pod: KubernetesObject = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'p', namespace: 'a' },
  spec: { nodeName: 'n1' },
  status: { phase: 'Running' },
};
const event: KubernetesObject = {
  apiVersion: 'v1',
  kind: 'Event',
  metadata: { name: 'e', namespace: 'a' },
  involvedObject: { kind: 'Pod', name: 'p', uid: 'u' },
  reason: 'Killed',
};
const node: KubernetesObject = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n1' } };

describe('a field selector', () => {
  it.each<[plural: string, object: KubernetesObject, selector: string, takes: boolean]>([
    ['pods', pod, 'metadata.name=p', true],
    ['pods', pod, 'metadata.namespace=b', false],
    ['pods', pod, 'spec.nodeName=n1,status.phase=Running', true],
    ['pods', pod, 'status.phase!=Running', false],
    ['pods', pod, 'status.podIP=', true],
    ['events', event, 'involvedObject.name=p,involvedObject.uid=u', true],
    ['events', event, 'involvedObject.kind==Job', false],
    ['events', event, 'reason=Killed', true],
    ['nodes', node, 'spec.unschedulable=false', true],
    ['configmaps', pod, 'metadata.name!=q', true],
  ])('of %s', (plural, object, selector, takes) => {
    expect(selectionOf(typeOf(plural), undefined, { fieldSelector: selector })(object)).toBe(takes);
  });

  it('is refused for a field that the kind is not indexed by, and when it cannot be read', () => {
    expect(() => selectionOf(typeOf('pods'), undefined, { fieldSelector: 'spec.image=x' })).toThrow('field label not supported: spec.image');
    expect(() => selectionOf(typeOf('configmaps'), undefined, { fieldSelector: 'status.phase=x' })).toThrow('field label not supported');
    expect(() => selectionOf(typeOf('pods'), undefined, { fieldSelector: 'metadata.name' })).toThrow("can't understand it");
  });
});

it('a selection keeps to its namespace', () => {
  expect(selectionOf(typeOf('pods'), 'a', {})(pod)).toBe(true);
  expect(selectionOf(typeOf('pods'), 'b', {})(pod)).toBe(false);
});
