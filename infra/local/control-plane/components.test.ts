import { describe, expect, it } from 'vitest';
import type { Component } from './component.ts';
import { createComponents } from './components.ts';
import type { Program } from './release.ts';

/** Processes that nobody started: each has the next number, and ends when it is told, or dies when the test says so. */
function aControlPlane() {
  const told: string[] = [];
  const launched: { readonly program: Program; readonly die: () => void }[] = [];
  const launch = async (program: Program): Promise<Component> => {
    let end: string | null = null;
    const ending = Promise.withResolvers<undefined>();
    const finish = (how: string) => {
      end ??= `${program} ended with ${how}`;
      ending.resolve(undefined);
    };
    launched.push({ program, die: () => finish('1') });
    return {
      program,
      pid: launched.length,
      gone: ending.promise,
      ended: async () => end,
      kill: async () => finish('SIGKILL'),
      stop: async () => finish('SIGTERM'),
    };
  };
  return { launched, told, components: createComponents({ launch, failed: (how) => void told.push(how) }) };
}

describe('the processes of a control plane', () => {
  it('are told of when one ends that nobody ended', async () => {
    const { components, launched, told } = aControlPlane();
    await components.start('etcd');
    await components.start('kube-apiserver');
    expect(await components.firstFailure()).toBeNull();
    launched[1]?.die();
    expect(await components.firstFailure()).toBe('kube-apiserver ended with 1');
    await expect.poll(() => told).toEqual(['kube-apiserver ended with 1']);
  });

  it('are killed and started anew without a failure', async () => {
    const { components, launched, told } = aControlPlane();
    await components.start('etcd');
    await components.kill('etcd');
    expect(components.processIds()).toEqual({});
    expect(await components.firstFailure()).toBeNull();
    await components.start('etcd');
    expect(components.processIds()).toEqual({ etcd: 2 });
    launched[1]?.die();
    await expect.poll(() => told).toEqual(['etcd ended with 1']);
  });

  it('run once each', async () => {
    const { components } = aControlPlane();
    await components.start('etcd');
    await expect(components.start('etcd')).rejects.toThrow('etcd runs already');
  });

  it('stop without a failure, whether they run or not', async () => {
    const { components, told } = aControlPlane();
    await components.start('etcd');
    await components.stop('etcd');
    await components.stop('etcd');
    await components.kill('kube-scheduler');
    expect(told).toEqual([]);
    expect(components.processIds()).toEqual({});
  });
});
