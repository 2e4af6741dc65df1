import { describe, expect, it } from 'vitest';
import { actions } from '../../shared/actions/index.ts';
import type { PolicyRule } from '../../shared/kubernetes/ports.ts';
import { access } from './access.ts';

/** Every action's target is among what it is read by, and the room reads each target before it believes in it. */
const targetResources: Readonly<Record<string, readonly string[]>> = {
  scale_deployment: ['deployments'],
  restart_pod: ['pods'],
  patch_configmap: ['configmaps'],
  increase_memory_limit: ['deployments', 'statefulsets', 'daemonsets'],
};

function permits(rules: readonly PolicyRule[], resource: string, verb: string): boolean {
  return rules.some(({ resources, verbs }) => resources.includes(resource) && verbs.includes(verb));
}

describe('what the analysis may do', () => {
  it.each(actions.map(({ name }) => name))('reads the targets of %s', (name) => {
    const resources = targetResources[name] ?? [];
    expect(resources.length, 'name the targets of a new action here').toBeGreaterThan(0);
    expect(resources.filter((resource) => !permits(access.cluster, resource, 'get'))).toEqual([]);
  });

  it('writes nothing but its own status and Events', () => {
    const writes = [...access.namespaced, ...access.cluster].filter(({ verbs }) => verbs.some((verb) => !['get', 'list', 'watch'].includes(verb)));
    expect(writes.flatMap(({ resources }) => resources)).toEqual(['aianalyses/status', 'events']);
  });

  it('reads no Secret', () => {
    expect([...access.namespaced, ...access.cluster].flatMap(({ resources }) => resources)).not.toContain('secrets');
  });
});
