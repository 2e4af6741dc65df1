import { expect } from 'vitest';
import type { JsonObject, JsonValue } from '../../../shared/api/json.ts';

/** What a process has to see for these parameters, written down again and by hand: a parameter stands in one argument, and every other is ours. */
export function vectorOf(action: string, parameters: JsonObject): { readonly argv: unknown; readonly files: unknown } {
  const text = (name: string) => argumentOf(parameters[name]);
  const within = `--namespace=${text('namespace')}`;
  switch (action) {
    case 'scale_deployment':
      return { argv: ['scale', 'deployment', text('deployment'), within, `--replicas=${text('replicas')}`], files: [] };
    case 'restart_pod': {
      const path = `/api/v1/namespaces/${text('namespace')}/pods/${text('pod')}`;
      const seconds = Number(parameters['gracePeriodSeconds']);
      return {
        argv: ['delete', '--raw', path, '-f', expect.stringMatching(/^\/[a-z/]+\/delete-options\.json$/)],
        files: [expect.stringContaining(`"gracePeriodSeconds":${seconds},`)],
      };
    }
    case 'increase_memory_limit':
      return {
        argv: ['set', 'resources', text('kind'), text('name'), within, `--containers=${text('container')}`, `--limits=memory=${text('memory')}`],
        files: [],
      };
    case 'patch_configmap':
      return {
        argv: ['patch', 'configmap', text('configmap'), within, '--type=json', expect.toSatisfy((argument: string) => isPatch(argument, parameters))],
        files: [],
      };
    default:
      throw new Error(`test/hostile/gates/vectors.ts: ${action} is new, and has no vector yet`);
  }
}

/** A text as it is, a number in its shortest spelling: 5e0 is 5, and -0 is 0. */
function argumentOf(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** One JSON text behind the flag, in which each key is set to its value, byte for byte. */
function isPatch(argument: string, { data = {} }: JsonObject): boolean {
  const operations = JSON.parse(argument.replace(/^--patch=/, '')) as readonly JsonObject[];
  const written = new Map(operations.filter(({ op }) => op === 'add' || op === 'replace').map(({ path, value }) => [path, value]));
  return Object.entries(data as JsonObject).every(([key, value]) => written.get(`/data/${key}`) === argumentOf(value));
}
