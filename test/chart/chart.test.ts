import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { chartValuesSchema } from '../../infra/cluster/chart-values.ts';
import { chartFiles } from '../../infra/cluster/generate-chart.ts';
import { actionNames } from '../../shared/actions/index.ts';
import { chartDirectory } from '../support/helm.ts';

const root = join(import.meta.dirname, '../..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const manifest = parse(read('infra/cluster/chart/Chart.yaml')) as Readonly<Record<string, string>>;
const templates = readdirSync(join(chartDirectory, 'templates'));

/** The issues of a value, as `field: message`. */
function issuesOf(values: object): readonly string[] {
  return (chartValuesSchema.safeParse(values).error?.issues ?? []).map(({ path, message }) => `${path.join('.')}: ${message}`);
}

describe('the chart', () => {
  it.each([...chartFiles()])('%s is what the code says', (path, content) => {
    expect(read(path), 'run: npm run generate').toBe(content);
  });

  it('holds no generated file that nobody generates', () => {
    const files = readdirSync(join(chartDirectory, 'generated'), { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.yaml'));
    expect(files.map((name) => `infra/cluster/chart/generated/${name}`).toSorted()).toEqual(
      [...chartFiles().keys()].filter((path) => path.includes('/generated/')).toSorted(),
    );
  });

  it('has the version of the product, and asks for the version whose policies it uses', () => {
    const { version } = JSON.parse(read('package.json')) as { readonly version: string };
    expect(manifest).toMatchObject({ version, appVersion: version, kubeVersion: '>=1.30.0-0' });
  });

  it('says every default in values.yaml, and the schema knows it', () => {
    expect(parse(read('infra/cluster/chart/values.yaml'))).toEqual(chartValuesSchema.parse({}));
  });

  it('has words for every value', () => {
    const words = read('infra/cluster/chart/values.yaml').split('\n');
    const undocumented = ['cluster', 'queueUrlPrefix', 'functions', 'actions', 'executor', 'policies', 'admission', 'watcher'].filter(
      (key) => !words[words.findIndex((line) => line.startsWith(`${key}:`)) - 1]?.startsWith('#'),
    );
    expect(undocumented).toEqual([]);
  });

  it('knows every action by its name', () => {
    expect(issuesOf({ actions: { byName: Object.fromEntries(actionNames.map((name) => [name, { enabled: false, namespaces: ['production'] }])) } })).toEqual(
      [],
    );
  });

  it.each<[sentence: string, values: object, field: string]>([
    ['an unknown key', { watchers: {} }, ': Unrecognized key: "watchers"'],
    ['an unknown key further down', { watcher: { image: { name: 'x' } } }, 'watcher.image: Unrecognized key: "name"'],
    ['an action that is none', { actions: { byName: { scale_deploymnet: {} } } }, 'actions.byName: Unrecognized key: "scale_deploymnet"'],
    ['a moving tag', { executor: { images: ['registry.k8s.io/kubectl:latest'] } }, 'executor.images.0'],
    ['no image at all', { executor: { images: [] } }, 'executor.images'],
    ['a queue that is no URL', { queueUrlPrefix: 'kubernaut-dev-' }, 'queueUrlPrefix'],
    ['a name that no namespace has', { policies: { protectedNamespaces: ['Vault'] } }, 'policies.protectedNamespaces.0'],
    ['a user with a line break', { functions: { users: ['a\nb'] } }, 'functions.users.0'],
    ['an address without https', { admission: { url: 'http://example.com/secret' } }, 'admission.url'],
    ['an address with a query', { admission: { url: 'https://example.com/?path=secret' } }, 'admission.url'],
    ['a bundle that is no base64', { admission: { caBundle: '-----BEGIN CERTIFICATE-----' } }, 'admission.caBundle'],
    ['too many watchers', { watcher: { replicas: 4 } }, 'watcher.replicas'],
    ['a digest that is none', { watcher: { image: { digest: 'sha256:abc' } } }, 'watcher.image.digest'],
  ])('refuses %s by its field', (_sentence, values, field) => {
    expect(issuesOf(values)).toEqual([expect.stringContaining(field)]);
  });

  it('never asks for a moving image, a token of its own or the host', () => {
    const text = templates.map((name) => read(`infra/cluster/chart/templates/${name}`)).join('\n');
    expect(text).not.toMatch(/:latest|hostPath|hostNetwork: true|privileged: true|verbs: \["?\*/);
  });
});
