import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../shared/api/json.ts';
import { configMap, widget, widgetGroup } from '../objects.ts';
import { metadataOf, objectAt } from '../subject.ts';
import { allows, installed, patches, type World } from './installation.ts';
import type { Webhook } from './webhook-server.ts';

/** Adds a letter to the color. */
const adds = (letter: string): Webhook =>
  patches((request) => {
    const color = objectAt(request['object'], 'spec')['color'];
    return [{ op: 'replace', path: '/spec/color', value: `${String(color as string)}${letter}` }];
  });

const sets = (path: string, value: JsonObject | string | number): Webhook => patches(() => [{ op: 'add', path, value }]);

const idempotent =
  (letter: string): Webhook =>
  (request) => {
    const color = String(objectAt(request['object'], 'spec')['color'] as string);
    return color.includes(letter) ? { response: { allowed: true } } : adds(letter)(request);
  };

export function mutations(world: () => World): void {
  it('one after another, by the name of the configuration and the place in it; then those that validate', async () => {
    const { send, path } = world().subject;
    const second = await installed(world(), 'order', { mutating: { z: { answers: adds('3') }, a: { answers: adds('4') } } }, 'order-b');
    const first = await installed(world(), 'order', { mutating: { y: { answers: adds('1') }, b: { answers: adds('2') } } }, 'order-a');
    const last = await installed(world(), 'order', { validating: { all: { answers: allows } } }, 'order-0');
    const { body } = await send('POST', path('widgets', widgetGroup), first.seen(widget('ordered', { spec: { color: 'c' } })));
    expect(body).toMatchObject({ spec: { color: 'c1234' } });
    expect([...first.order(), ...second.order(), ...last.order()]).toEqual(['mutating/y', 'mutating/b', 'mutating/z', 'mutating/a', 'validating/all']);
    expect(second.calls('mutating/z')[0]?.request).toMatchObject({ object: { spec: { color: 'c12' } } });
    expect(last.calls('validating/all')[0]?.request).toMatchObject({ object: { spec: { color: 'c1234' } } });
  });

  it('of a create, a patch and a status alike', async () => {
    const { send, patch, path } = world().subject;
    const rules = [{ apiGroups: ['conformance.example'], apiVersions: ['v1'], resources: ['widgets', 'widgets/status'], operations: ['*'] }];
    const answers = patches((request) =>
      request['subResource'] === 'status'
        ? [
            { op: 'add', path: '/status/phase', value: 'told' },
            { op: 'add', path: '/spec', value: { size: 99 } },
          ]
        : [{ op: 'add', path: '/metadata/annotations', value: { by: String(request['operation'] as string) } }],
    );
    const { seen } = await installed(world(), 'everywhere', { mutating: { only: { answers, more: { rules } } } });
    const deleting = await send('POST', path('widgets', widgetGroup), seen(widget('everywhere', { spec: { size: 1 } })));
    expect(metadataOf(deleting)).toMatchObject({ annotations: { by: 'CREATE' }, generation: 1 });
    expect(metadataOf(await patch('merge', path('widgets/everywhere', widgetGroup), { spec: { size: 2 } }))).toMatchObject({
      annotations: { by: 'UPDATE' },
      generation: 2,
    });
    const { body } = await patch('merge', path('widgets/everywhere/status', widgetGroup), { status: { phase: 'said' } });
    expect(body).toMatchObject({ spec: { size: 2 }, status: { phase: 'told' }, metadata: { generation: 2 } });
  });

  it('a built-in kind is mutated as any other', async () => {
    const { send, path } = world().subject;
    const rules = [{ apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'], operations: ['CREATE'] }];
    const { seen } = await installed(world(), 'built-in', { mutating: { only: { answers: sets('/data/more', 'yes'), more: { rules } } } });
    expect((await send('POST', path('configmaps'), seen(configMap('mutated', { some: 'data' })))).body).toMatchObject({ data: { some: 'data', more: 'yes' } });
  });

  it('a dry run is mutated too, and nothing is stored', async () => {
    const { send, path } = world().subject;
    const { seen } = await installed(world(), 'dry', { mutating: { only: { answers: adds('!') } } });
    const { body } = await send('POST', path('widgets', widgetGroup), seen(widget('imagined', { spec: {} })), { dryRun: 'All' });
    expect(body).toMatchObject({ spec: { color: 'grey!' } });
    expect((await send('GET', path('widgets/imagined', widgetGroup))).status).toBe(404);
  });

  it('the result is held to the schema, and pruned by it', async () => {
    const { send, path } = world().subject;
    const { seen } = await installed(world(), 'schema', {
      mutating: { only: { answers: (request) => (request['name'] === 'pruned' ? sets('/spec/unknown', 'x') : sets('/spec/size', 0))(request) } },
    });
    expect(await send('POST', path('widgets', widgetGroup), seen(widget('spoilt', { spec: { size: 5 } })))).toMatchObject({
      status: 422,
      body: {
        reason: 'Invalid',
        message: 'Widget.conformance.example "spoilt" is invalid: spec.size: Invalid value: 0: spec.size in body should be greater than or equal to 1',
      },
    });
    const pruned = await send('POST', path('widgets', widgetGroup), seen(widget('pruned', { spec: { size: 5 } })));
    expect(objectAt(pruned.body, 'spec')).toEqual({ size: 5, color: 'grey' });
  });

  it('what is invalid from the start is mutated before it is judged', async () => {
    const { send, path } = world().subject;
    const { seen } = await installed(world(), 'mended', { mutating: { only: { answers: sets('/spec/size', 7) } } });
    expect(await send('POST', path('widgets', widgetGroup), seen(widget('mended', { spec: { size: 0 } })))).toMatchObject({
      status: 201,
      body: { spec: { size: 7 } },
    });
  });

  it('the name and the namespace stay', async () => {
    const { send, path } = world().subject;
    const { seen } = await installed(world(), 'renamed', { mutating: { only: { answers: sets('/metadata/namespace', 'default') } } });
    const { status } = await send('POST', path('widgets', widgetGroup), seen(widget('moved')));
    expect(status).toBe(400);
    expect((await send('GET', path('widgets/moved', widgetGroup))).status).toBe(404);
  });

  describe('a webhook is asked again', () => {
    it('when one after it changed the object and it wishes so; once, and the others not', async () => {
      const { send, path } = world().subject;
      const again = { reinvocationPolicy: 'IfNeeded' };
      const { order, calls, seen } = await installed(world(), 'again', {
        mutating: {
          first: { answers: idempotent('1'), more: again },
          never: { answers: idempotent('2') },
          third: { answers: adds('3'), more: again },
          fourth: { answers: adds('4') },
        },
      });
      const { body } = await send('POST', path('widgets', widgetGroup), seen(widget('again', { spec: { color: 'c' } })));
      expect(order()).toEqual(['first', 'never', 'third', 'fourth', 'first', 'third'].map((name) => `mutating/${name}`));
      expect(body).toMatchObject({ spec: { color: 'c12343' } });
      expect(calls('mutating/first')[1]?.request).toMatchObject({ object: { spec: { color: 'c1234' } } });
    });

    it('not when nothing changed after it', async () => {
      const { send, path } = world().subject;
      const { order, seen } = await installed(world(), 'once', {
        mutating: { first: { answers: adds('1'), more: { reinvocationPolicy: 'IfNeeded' } }, second: { answers: allows } },
      });
      await send('POST', path('widgets', widgetGroup), seen(widget('once', { spec: {} })));
      expect(order()).toEqual(['mutating/first', 'mutating/second']);
    });
  });

  it('a delete cannot be changed', async () => {
    const { send, path } = world().subject;
    const rules = [{ apiGroups: ['conformance.example'], apiVersions: ['v1'], resources: ['widgets'], operations: ['DELETE'] }];
    const { seen, nameOf } = await installed(world(), 'lasting', { mutating: { only: { answers: adds('!'), more: { rules } } } });
    await send('POST', path('widgets', widgetGroup), seen(widget('lasting')));
    const message = `Internal error occurred: admission webhook "${nameOf('mutating/only')}" attempted to modify the object, which is not supported for this operation`;
    const answers = patches(() => [{ op: 'add', path: '/spec', value: {} }]);
    world().server.serve('/lasting/mutating/only', answers);
    expect(await send('DELETE', path('widgets/lasting', widgetGroup))).toMatchObject({ status: 500, body: { reason: 'InternalError', message } });
    expect((await send('GET', path('widgets/lasting', widgetGroup))).status).toBe(200);
  });

  it('a patch that cannot be applied fails, whatever the policy', async () => {
    const { send, path } = world().subject;
    const answers = patches(() => [{ op: 'test', path: '/spec/color', value: 'none such' }]);
    const { seen } = await installed(world(), 'unapplied', { mutating: { only: { answers, more: { failurePolicy: 'Ignore' } } } });
    const answer = await send('POST', path('widgets', widgetGroup), seen(widget('unapplied', { spec: {} })));
    expect(answer).toMatchObject({
      status: 500,
      body: { reason: 'InternalError', message: expect.stringMatching(/^Internal error occurred: ./) as string },
    });
  });

  it('two writers at once: the later one is asked anew about what the earlier one left', async () => {
    const { send, patch, path } = world().subject;
    const { seen } = await installed(world(), 'raced', { validating: { only: { answers: allows } } });
    await send('POST', path('widgets', widgetGroup), seen(widget('raced', { spec: { size: 1 } })));
    const at = path('widgets/raced', widgetGroup);
    const answers = await Promise.all([patch('merge', at, { spec: { size: 2 } }), patch('merge', at, { spec: { color: 'red' } })]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    expect((await send('GET', at)).body).toMatchObject({ spec: { size: 2, color: 'red' }, metadata: { generation: 3 } });
  });
}
