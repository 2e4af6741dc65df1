import { describe, expect, it } from 'vitest';
import { protectedTarget } from './protected.ts';

describe('protectedTarget', () => {
  it.each(['kube-system', 'kube-public', 'kube-node-lease', 'kubernaut-system'])('closes %s', (namespace) => {
    const reason = protectedTarget({ apiVersion: 'apps/v1', kind: 'Deployment', name: 'x', namespace });
    expect(reason).toBe(`namespace: must be none of kube-system, kube-public, kube-node-lease, kubernaut-system: ${namespace} is protected`);
  });

  it('closes what belongs to the whole cluster, but for nodes', () => {
    expect(protectedTarget({ apiVersion: 'v1', kind: 'Namespace', name: 'production' })).toContain('Namespace production belongs to the whole cluster');
    expect(protectedTarget({ apiVersion: 'v1', kind: 'Node', name: 'node-1' })).toBeNull();
  });

  it('leaves the rest open', () => {
    expect(protectedTarget({ apiVersion: 'apps/v1', kind: 'Deployment', name: 'x', namespace: 'production' })).toBeNull();
  });
});
