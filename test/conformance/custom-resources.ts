import { expect, it } from 'vitest';
import { widget, widgetGroup } from './objects.ts';
import type { Subject } from './subject.ts';

export function customResources(subject: () => Subject): void {
  it('are defaulted and pruned by their schema', async () => {
    const { send, path } = subject();
    const { status, body } = await send('POST', path('widgets', widgetGroup), widget('shaped', { spec: { size: 2, unknown: true } }));
    expect(status).toBe(201);
    expect(body).toMatchObject({ apiVersion: widgetGroup, kind: 'Widget', spec: { size: 2, color: 'grey' } });
    expect(body).not.toHaveProperty('spec.unknown');
  });

  it('are refused with the field that is wrong', async () => {
    const { send, path } = subject();
    const answer = await send('POST', path('widgets', widgetGroup), widget('misshaped', { spec: { size: 0 } }));
    expect(answer).toMatchObject({ status: 422, body: { reason: 'Invalid', details: { causes: [{ field: 'spec.size' }] } } });
    expect(answer.body).toMatchObject({ message: expect.stringContaining('Widget.conformance.example "misshaped" is invalid: spec.size') as string });
  });

  it('say their kind in each item of a list, and in the request', async () => {
    const { send, path } = subject();
    await send('POST', path('widgets', widgetGroup), widget('listed'));
    const { body } = await send('GET', path('widgets', widgetGroup), undefined, { fieldSelector: 'metadata.name=listed' });
    expect(body).toMatchObject({ kind: 'WidgetList', apiVersion: widgetGroup, items: [{ apiVersion: widgetGroup, kind: 'Widget' }] });
    expect((await send('POST', path('widgets', widgetGroup), { metadata: { name: 'nameless-kind' } })).status).toBe(400);
  });
}
