import { afterEach, describe, expect, it } from 'vitest';
import { aWorld, type World } from '../../../test/support/sandbox.ts';
import type { SandboxOptions } from '../sandbox/create-sandbox.ts';
import { createApiClient, type ApiClient } from './api-client.ts';
import { runInformer } from './informer.ts';

const kind = { apiVersion: 'v1', kind: 'ConfigMap' };
const abort: AbortController[] = [];
afterEach(() => {
  for (const each of abort.splice(0)) each.abort();
});

interface Story extends World {
  readonly client: ApiClient;
  readonly seen: string[];
  readonly trouble: string[];
  settle(): Promise<void>;
}

async function aStory(overrides: Partial<SandboxOptions> = {}): Promise<Story> {
  const world = aWorld(overrides);
  const { clock, transport } = world;
  const client = createApiClient(transport, 'test');
  await client.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'a' } });
  const seen: string[] = [];
  const trouble: string[] = [];
  const stop = new AbortController();
  abort.push(stop);
  const changed = ({ metadata, ...object }: { readonly metadata: { readonly name: string }; readonly [field: string]: unknown }, gone: boolean): void => {
    seen.push(`${gone ? '-' : '+'}${metadata.name} ${JSON.stringify(object['data'] ?? {})}`);
  };
  void runInformer({ client, transport, clock, kind, signal: stop.signal, changed, failed: (error) => void trouble.push(String(error)) });
  return { ...world, client, seen, trouble, settle: () => clock.run(() => true, { virtualSeconds: 1 }) };
}

const aConfigMap = (name: string, value = '1') => ({ ...kind, metadata: { namespace: 'a', name }, data: { value } });
const path = (name: string) => `/api/v1/namespaces/a/configmaps/${name}`;

async function until(story: Story, count: number): Promise<void> {
  await story.clock.run(() => story.seen.length >= count, { virtualSeconds: 3_600 });
}

describe('informer', () => {
  it('gives what is there, and then each change', async () => {
    const story = await aStory();
    await story.client.create(aConfigMap('x'));
    await story.settle();
    await story.client.mergePatch({ ...kind, namespace: 'a', name: 'x' }, { data: { value: '2' } });
    await story.client.send({ method: 'DELETE', path: path('x') });
    await until(story, 3);
    expect(story.seen).toEqual(['+x {"value":"1"}', '+x {"value":"2"}', '-x {"value":"2"}']);
  });

  it('goes on after the server ended its watch, without a repeat and without a gap', async () => {
    const story = await aStory();
    await story.client.create(aConfigMap('x'));
    await until(story, 1);
    story.sandbox.close();
    await story.client.create(aConfigMap('y'));
    await until(story, 2);
    expect(story.seen).toEqual(['+x {"value":"1"}', '+y {"value":"1"}']);
  });

  it('lists anew when its version is too old, and tells what has gone meanwhile', async () => {
    const story = await aStory({ watchWindowEvents: 2 });
    await story.client.create(aConfigMap('x'));
    await story.client.create(aConfigMap('y'));
    await until(story, 2);
    story.sandbox.close();
    await story.client.send({ method: 'DELETE', path: path('x') });
    for (const value of ['2', '3', '4', '5']) await story.client.mergePatch({ ...kind, namespace: 'a', name: 'y' }, { data: { value } });
    await until(story, 4);
    expect(story.seen.slice(2)).toEqual(['-x {"value":"1"}', '+y {"value":"5"}']);
    expect(story.trouble).toEqual([]);
  });

  it('reports trouble with the API and goes on when it is over', async () => {
    let isDown = true;
    const unavailable = {
      status: 503,
      body: { kind: 'Status', apiVersion: 'v1', status: 'Failure', reason: 'ServiceUnavailable', message: 'etcd is away', code: 503 },
    };
    const story = await aStory({ beforeServe: async ({ path: asked }) => (isDown && asked === '/api/v1/configmaps' ? unavailable : null) });
    await story.client.create(aConfigMap('x'));
    await story.clock.run(() => story.trouble.length >= 3, { virtualSeconds: 60 });
    isDown = false;
    await until(story, 1);
    expect(story.trouble[0]).toContain('etcd is away');
    expect(story.seen).toEqual(['+x {"value":"1"}']);
  });

  it('holds no tracked work while nothing changes: time can pass', async () => {
    const story = await aStory();
    await story.settle();
    const before = story.clock.milliseconds();
    await story.clock.run(() => story.clock.milliseconds() > before + 900_000, { virtualSeconds: 3_600 });
    await story.client.create(aConfigMap('x'));
    await until(story, 1);
    expect(story.seen).toEqual(['+x {"value":"1"}']);
  });
});
