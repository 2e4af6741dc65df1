import { describe, expect, it } from 'vitest';
import { refusal } from '../../test/support/cluster-twin.ts';
import {
  aMessage,
  aPhase,
  aRecord,
  aResource,
  anEvent,
  clusterName,
  kernelWorld,
  namespace,
  type KernelWorld,
  type TestPhase,
} from '../../test/support/kernel.ts';
import { parseEnvironment } from '../environment.ts';
import { createReconcileHandler, reconcileSettings } from './handler.ts';

const lambda = { getRemainingTimeInMillis: () => 30_000 };
const settings = { receivesMax: 8, retryBaseSeconds: 2, retryMaxSeconds: 300, cluster: clusterName, namespace };

function handlerOf(world: KernelWorld, phase: TestPhase = {}) {
  return createReconcileHandler({ ...world.options({ '': aPhase(phase), enriching: aPhase(phase) }), queues: world.queues, settings, random: () => 0 });
}

function statusOf(world: KernelWorld) {
  return world.cluster.read('RemediationProcessing', 'rr-1-processing')?.['status'];
}

describe('the handler of a kind', () => {
  it('makes one pass and one line of a key', async () => {
    const world = kernelWorld(aResource());
    const handler = handlerOf(world, { decide: () => ({ effects: [{ kind: 'PatchStatus', status: { phase: 'enriching' } }] }) });
    expect(await handler(anEvent(aRecord(aMessage(), { receiveCount: 2 })), lambda)).toEqual({ batchItemFailures: [] });
    expect(statusOf(world)).toEqual({ phase: 'enriching' });
    expect(world.lines).toEqual([
      {
        level: 'info',
        message: 'pass',
        fields: {
          kind: 'RemediationProcessing',
          namespace,
          name: 'rr-1-processing',
          cause: 'watch',
          outcome: 'done',
          phaseFrom: '',
          phaseTo: 'enriching',
          reason: '',
          effects: { PatchStatus: 1 },
          durationMilliseconds: 0,
          attempt: 2,
        },
      },
    ]);
  });

  it.each<[field: string, body: object]>([
    ['kind', aMessage({ kind: 'AIAnalysis' })],
    ['cluster', aMessage({ cluster: 'another' })],
    ['namespace', aMessage({ namespace: 'default' })],
    ['phase', aMessage({ cause: 'timer' })],
    ['name', { ...aMessage(), name: undefined }],
    ['body', { ...aMessage(), filling: 'x'.repeat(2_048) }],
  ])('sends what is wrong in %s to the dead letters of its queue', async (field, body) => {
    const world = kernelWorld(aResource());
    expect(await handlerOf(world)(anEvent(aRecord(body)), lambda)).toEqual({ batchItemFailures: [] });
    expect(world.queues.raw).toMatchObject([{ queue: 'remediation-processings-dlq', attributes: { field } }]);
  });

  it('takes a message with fields that it does not know', async () => {
    const world = kernelWorld(aResource());
    await handlerOf(world)(anEvent(aRecord({ ...aMessage(), later: 'version' })), lambda);
    expect(world.queues.raw).toEqual([]);
    expect(world.lines).toMatchObject([{ message: 'pass' }]);
  });

  it('says in the resource that it stalled, on the last receive and once', async () => {
    const world = kernelWorld(aResource({ status: { phase: 'enriching' } }));
    let trouble = refusal(503, 'ServiceUnavailable', 'etcd is away');
    const handler = handlerOf(world, { observe: () => Promise.reject(trouble) });
    await handler(anEvent(aRecord(aMessage(), { receiveCount: 7 })), lambda);
    expect(statusOf(world)).toEqual({ phase: 'enriching' });
    await handler(anEvent(aRecord(aMessage(), { receiveCount: 8 })), lambda);
    expect(statusOf(world)).toMatchObject({ conditions: [{ type: 'Stalled', status: 'True', message: 'ApiError 503 ServiceUnavailable' }] });
    const version = world.cluster.read('RemediationProcessing', 'rr-1-processing')?.metadata.resourceVersion;
    world.clock.advance(900);
    trouble = refusal(500, 'InternalError', 'another trouble: still one write, or the write would wake itself');
    await handler(anEvent(aRecord(aMessage(), { receiveCount: 8 })), lambda);
    expect(world.cluster.read('RemediationProcessing', 'rr-1-processing')?.metadata.resourceVersion).toBe(version);
  });

  it('drops on the last receive, without Stalled, a timer whose patch never landed', async () => {
    const world = kernelWorld(aResource());
    const { resourceVersion = '' } = world.cluster.read('RemediationProcessing', 'rr-1-processing')?.metadata ?? {};
    const timer = aMessage({ cause: 'timer', phase: 'enriching', resourceVersion });
    expect(await handlerOf(world)(anEvent(aRecord(timer)), lambda)).toEqual({ batchItemFailures: [{ itemIdentifier: 'm1' }] });
    expect(await handlerOf(world)(anEvent(aRecord(timer, { receiveCount: 8 })), lambda)).toEqual({ batchItemFailures: [] });
    expect(statusOf(world)).toBeUndefined();
  });

  it('reads its settings from the environment, once', () => {
    const environment = parseEnvironment(
      { KUBERNAUT_QUEUE_URL_PREFIX: 'http://127.0.0.1:4566/q-', KUBERNAUT_RETRY_BASE_SECONDS: '1', KUBERNAUT_CLUSTER: 'blue' },
      [],
    );
    expect(reconcileSettings(environment)).toEqual({
      receivesMax: 8,
      retryBaseSeconds: 1,
      retryMaxSeconds: 300,
      cluster: 'blue',
      namespace: 'kubernaut-system',
    });
  });
});
