import { expect, it } from 'vitest';
import type { Transport } from '../../../shared/kubernetes/request.ts';
import { listAt, stringAt } from '../../../shared/kubernetes/unstructured.ts';
import { aNamespace } from '../../../test/support/nodes.ts';
import { aWorld } from '../../../test/support/sandbox.ts';
import { createApiClient } from '../controllers/api-client.ts';
import { podKind } from '../controllers/pod.ts';
import { startNode } from './start-node.ts';

/** The API stores it, and is gone before it can say so. */
function losingTheAnswerTo(isLost: (body: string) => boolean, transport: Transport): Transport {
  let isLeft = true;
  return {
    ...transport,
    async send(request, timeoutMilliseconds) {
      const answer = await transport.send(request, timeoutMilliseconds);
      if (!isLeft || !isLost(JSON.stringify(request.body ?? ''))) return answer;
      isLeft = false;
      throw new Error(`${request.method} ${request.path}: socket hang up`);
    },
  };
}

it('an executor runs once, though the API does not say that it took in that it runs', async () => {
  const { clock, transport, sandbox } = aWorld();
  const client = createApiClient(transport, 'test');
  await client.create(aNamespace('production'));
  let count = 0;
  const trouble: string[] = [];
  const node = await startNode({
    transport: losingTheAnswerTo((body) => body.includes('"running"'), transport),
    clock,
    random: () => 0,
    logs: sandbox,
    report: (message) => void trouble.push(message),
    executor: {
      description: 'counting',
      run: async () => {
        count += 1;
        return { exitCode: 0 };
      },
      close: async () => undefined,
    },
  });
  const containers = [{ name: 'kubectl', image: 'registry.example/kubectl:1', command: ['kubectl', 'version'] }];
  await client.create({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', namespace: 'production' }, spec: { restartPolicy: 'Never', containers } });
  const pod = () => client.get({ ...podKind, name: 'p', namespace: 'production' });
  await clock.run(async () => ['Succeeded', 'Failed'].includes(stringAt(await pod(), 'status', 'phase') ?? ''), { virtualSeconds: 60 });
  expect(listAt(await pod(), 'status', 'containerStatuses')).toMatchObject([{ state: { terminated: { exitCode: 0, reason: 'Completed' } } }]);
  expect(count).toBe(1);
  expect(trouble).toEqual(['kubelet production/p: PATCH /api/v1/namespaces/production/pods/p/status: socket hang up']);
  await node.stop();
  sandbox.close();
});
