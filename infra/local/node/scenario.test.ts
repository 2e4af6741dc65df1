import { describe, expect, it } from 'vitest';
import { aPodView, type PodFixture } from '../../../test/support/pods.ts';
import { configIsBad, endingOf, pullFails, scenarioOf } from './scenario.ts';

const annotated = (annotations: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(annotations).map(([name, value]) => [`sandbox.kubernaut.io/${name}`, value]));

function read(annotations: Readonly<Record<string, string>>, fixture: PodFixture = {}) {
  const pod = aPodView({ annotations: annotated(annotations), ...fixture });
  const [container] = pod.spec.containers;
  if (container === undefined) throw new Error('the fixture has a container');
  return { scenario: scenarioOf(pod), container };
}

describe('a scenario', () => {
  it('without annotations starts, is ready and runs on', () => {
    const { scenario, container } = read({});
    expect(scenario).toMatchObject({ container: 'app', startAfterSeconds: 1, readyAfterSeconds: 1, neverReady: false, log: [] });
    expect(endingOf(scenario, container, undefined)).toBeNull();
    expect(pullFails(scenario, container)).toBe(false);
  });

  const limit = (memory: string): PodFixture => ({ container: { resources: { limits: { memory } } } });
  const endsWith = (fields: object): unknown => expect.objectContaining(fields);
  it.each<[sentence: string, annotations: Readonly<Record<string, string>>, world: PodFixture & { readonly configValue?: string }, ending: unknown]>([
    ['a crash loop', { 'crash-loop': 'true' }, {}, endsWith({ exitCode: 1, reason: 'Error' })],
    ['an exit code', { 'exit-code': '42' }, {}, endsWith({ exitCode: 42, reason: 'Error' })],
    ['a success', { 'exit-code': '0' }, {}, endsWith({ exitCode: 0, reason: 'Completed' })],
    ['a kill for memory', { 'oom-killed': 'true' }, {}, endsWith({ exitCode: 137, reason: 'OOMKilled' })],
    ['a need above the limit', { 'needs-memory': '512Mi' }, limit('0.25Gi'), endsWith({ exitCode: 137, reason: 'OOMKilled' })],
    ['a need that the limit covers', { 'needs-memory': '512Mi' }, limit('1Gi'), null],
    ['a need without any limit', { 'needs-memory': '512Mi' }, {}, null],
    [
      'a bad ConfigMap',
      { 'fails-if-configmap': 'app/log.level=a=b' },
      { configValue: 'a=b' },
      endsWith({ exitCode: 1, lastWords: 'invalid configuration: log.level=a=b (ConfigMap app)' }),
    ],
    ['a good ConfigMap', { 'fails-if-configmap': 'app/log.level=a=b' }, { configValue: 'info' }, null],
    ['a missing ConfigMap', { 'fails-if-configmap': 'app/log.level=a=b' }, {}, null],
    ['a bad image', { 'fails-if-image': 'shop/payment-api:1.4.2' }, {}, endsWith({ exitCode: 1, reason: 'Error' })],
    ['another image', { 'fails-if-image': 'shop/payment-api:1.5.0' }, {}, null],
    ['a number that is none', { 'exit-code': 'many' }, {}, null],
    ['a negative number', { 'exit-code': '-1' }, {}, null],
  ])('with %s', (_sentence, annotations, { configValue, ...fixture }, ending) => {
    const { scenario, container } = read(annotations, fixture);
    expect(endingOf(scenario, container, configValue)).toEqual(ending);
  });

  it.each([
    ['true', true],
    ['shop/payment-api:1.4.2', true],
    ['shop/payment-api:9', false],
  ])('image-pull-fails %s', (value, fails) => {
    const { scenario, container } = read({ 'image-pull-fails': value });
    expect(pullFails(scenario, container)).toBe(fails);
  });

  it('is about the container that it names', () => {
    expect(read({ container: 'proxy' }).scenario.container).toBe('proxy');
  });

  it('ignores a ConfigMap fault that cannot be read', () => {
    expect(configIsBad(read({ 'fails-if-configmap': 'no slash' }).scenario, undefined)).toBe(false);
  });
});
