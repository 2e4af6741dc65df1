import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../shared/api/json.ts';
import { pod } from '../../../test/conformance/objects.ts';
import { client } from '../../../test/support/api-client.ts';
import { aWorld } from '../../../test/support/sandbox.ts';

const inDefault = (plural: string) => `/api/v1/namespaces/default/${plural}`;

function measured(name: string, resources: JsonObject): JsonObject {
  return pod(name, {}, { containers: [{ name: 'app', image: 'a:1', resources }] });
}

async function aBoundedWorld(hard: JsonObject, more: JsonObject = {}) {
  const { send } = client(aWorld().transport);
  await send('POST', inDefault('resourcequotas'), { metadata: { name: 'team' }, spec: { hard, ...more } });
  return (body: JsonObject) => send('POST', inDefault('pods'), body);
}

describe('a quota', () => {
  it('refuses the pod that would exceed it, in the words of Kubernetes', async () => {
    const create = await aBoundedWorld({ pods: '1', 'requests.memory': '100Mi' });
    expect((await create(measured('a', { requests: { memory: '64Mi' } }))).status).toBe(201);
    expect(await create(measured('b', { requests: { memory: '64Mi' } }))).toMatchObject({
      status: 403,
      body: {
        message:
          'pods "b" is forbidden: exceeded quota: team, requested: pods=1,requests.memory=64Mi, used: pods=1,requests.memory=64Mi, limited: pods=1,requests.memory=100Mi',
      },
    });
  });

  it('wants to be told what a pod needs of what it bounds', async () => {
    const create = await aBoundedWorld({ 'limits.memory': '1Gi', cpu: '4' });
    expect(await create(measured('vague', {}))).toMatchObject({
      status: 403,
      body: { message: 'pods "vague" is forbidden: failed quota: team: must specify cpu for: app; limits.memory for: app' },
    });
    expect((await create(measured('clear', { requests: { cpu: '1' }, limits: { memory: '1Mi', cpu: '1' } }))).status).toBe(201);
  });

  it('of part of the pods bounds none here', async () => {
    const create = await aBoundedWorld({ pods: '0' }, { scopes: ['BestEffort'] });
    expect((await create(measured('free', {}))).status).toBe(201);
  });

  it('does not count a pod that has ended', async () => {
    const world = aWorld();
    const { send, patch } = client(world.transport);
    await send('POST', inDefault('resourcequotas'), { metadata: { name: 'team' }, spec: { hard: { pods: '1' } } });
    await send('POST', inDefault('pods'), pod('ended'));
    expect((await send('POST', inDefault('pods'), pod('next'))).status).toBe(403);
    await patch('merge', inDefault('pods/ended/status'), { status: { phase: 'Succeeded' } });
    expect((await send('POST', inDefault('pods'), pod('next'))).status).toBe(201);
  });
});
