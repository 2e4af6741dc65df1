import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { aWorld } from '../../../test/support/sandbox.ts';
import type { JsonObject } from '../../../shared/api/json.ts';
import { castActors } from './actors.ts';
import { listAll } from './observe.ts';
import { scriptSchema } from './script.ts';
import { createTrailRecorder, trailLine, type Step } from './trail.ts';

const configMapKind = { apiVersion: 'v1', kind: 'ConfigMap' };
const workflow = {
  apiVersion: 'workflow.kubernaut.io/v1',
  kind: 'WorkflowExecution',
  metadata: { name: 'rr-1-workflow', namespace: 'kubernaut-system', uid: '1' },
};

/** Acts on a ConfigMap shop/web, before a sandbox and nobody who listens to alerts but us. */
async function aStage(acts: string) {
  const { clock, transport } = aWorld();
  for (const [path, body] of [
    ['/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } }],
    ['/api/v1/namespaces/shop/configmaps', { ...configMapKind, metadata: { name: 'web' }, data: { CACHE: '1' } }],
  ] as const)
    expect(await transport.send({ method: 'POST', path, body }, 1_000)).toMatchObject({ status: 201 });
  const recorder = createTrailRecorder();
  const told: Step[] = [];
  const posted: JsonObject[] = [];
  const begun = clock.now();
  const actors = castActors({
    acts: scriptSchema.parse({ description: 'a test', acts: parse(acts) as unknown }).acts,
    clock,
    signal: new AbortController().signal,
    scene: {
      admin: transport,
      notifications: [{ status: 'firing', alerts: [{ status: 'firing', fingerprint: 'f' }] }],
      async post(request) {
        posted.push((await request.json()) as JsonObject);
        return new Response();
      },
      webhook: { url: 'http://webhook.invalid/alerts', token: 't' },
    },
    acted: (step) => void told.push(step),
  });
  return {
    actors,
    clock,
    posted,
    lines: () => told.map((step) => trailLine(step, begun)),
    enters: (phase: string) => {
      const object = { ...workflow, status: { phase } };
      actors.note(object, recorder.subjectOf(object), recorder.note(object, clock.now()));
    },
    rests: () => clock.run(() => actors.rest(), { virtualSeconds: 100 }),
    configMaps: async () => (await listAll(transport, configMapKind, 'shop')).map(({ metadata: { name }, ...object }) => [name, object['data']]),
  };
}

const web = '{ apiVersion: v1, kind: ConfigMap, namespace: shop, name: web }';

describe('somebody in a story', () => {
  it('acts so long after the step that it follows, each act once', async () => {
    const stage = await aStage(
      `[{ says: bob enlarges the cache, when: { subject: wf, state: validating }, afterSeconds: 20, do: { patch: { object: ${web}, with: { data: { CACHE: '2' } } } } }]`,
    );
    stage.actors.begin();
    await stage.rests();
    expect(await stage.configMaps()).toEqual([['web', { CACHE: '1' }]]);
    stage.enters('validating');
    stage.enters('executing');
    stage.enters('validating');
    await stage.rests();
    expect(stage.lines()).toEqual(['+00:20 * bob enlarges the cache']);
    expect(await stage.configMaps()).toEqual([['web', { CACHE: '2' }]]);
    stage.actors.conclude();
  });

  it('deletes and creates, from the beginning on', async () => {
    const stage = await aStage(`
- { says: it goes, do: { delete: ${web} } }
- { says: it is there again, afterSeconds: 1, do: { create: { apiVersion: v1, kind: ConfigMap, metadata: { name: web, namespace: shop }, data: { CACHE: '3' } } } }
- { says: both are marked, afterSeconds: 2, do: { patchEach: { apiVersion: v1, kind: ConfigMap, namespace: shop, namePrefix: we, with: { data: { MARK: 'yes' } } } } }`);
    stage.actors.begin();
    await stage.rests();
    expect(await stage.configMaps()).toEqual([['web', { CACHE: '3', MARK: 'yes' }]]);
  });

  it('posts the alerts again as they have become', async () => {
    const stage = await aStage('[{ says: the alert resolves, afterSeconds: 5, do: { post: { alert: { status: resolved, endsAt: now } } } }]');
    stage.actors.begin();
    await stage.rests();
    expect(stage.posted).toEqual([{ status: 'resolved', alerts: [{ status: 'resolved', fingerprint: 'f', endsAt: '2026-01-15T10:30:05Z' }] }]);
  });

  it.each<[sentence: string, act: string, words: string]>([
    ['is refused', `do: { delete: { apiVersion: v1, kind: ConfigMap, namespace: shop, name: gone } }`, '"x" is refused: configmaps "gone" not found'],
    ['must be refused and is not', `do: { delete: ${web} }, refused: not found`, '"x" must be refused, and is done'],
    [
      'is refused by other words',
      `do: { delete: { apiVersion: v1, kind: ConfigMap, namespace: shop, name: gone } }, refused: expired`,
      '"x" is refused by other words: configmaps "gone" not found',
    ],
    ['means what is not there yet', 'do: { delete: ke/scale }', '"x": there is no ke/scale yet'],
    ['means nobody', 'do: { patchEach: { apiVersion: v1, kind: ConfigMap, namespace: shop, namePrefix: z, with: {} } }', '"x": there is no ConfigMap shop/z…'],
  ])('who %s ends the story with the act', async (_sentence, act, words) => {
    const stage = await aStage(`[{ says: x, ${act} }]`);
    stage.actors.begin();
    await expect(stage.rests()).rejects.toThrow(words);
  });

  it('whose moment never comes ends it too', async () => {
    const stage = await aStage(`[{ says: x, when: { subject: wf, state: validating, nth: 2 }, do: { delete: ${web} } }]`);
    stage.enters('validating');
    await stage.rests();
    expect(stage.actors.haveAllBegun()).toBe(false);
    expect(() => stage.actors.conclude()).toThrow('"x" never came: wf did not become validating');
    stage.enters('executing');
    stage.enters('validating');
    expect(stage.actors.haveAllBegun()).toBe(true);
  });
});
