import { readdir, readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { customResourceDefinition } from '../../shared/api/crd.ts';
import { definitions } from '../../shared/api/kinds.ts';
import { crdFiles } from './generate-crds.ts';

const root = new URL('../../', import.meta.url);

describe('the checked-in CRDs', () => {
  it.each([...crdFiles()])('%s is what the schemas say', async (path, content) => {
    expect(await readFile(new URL(path, root), 'utf8'), 'run: node infra/cluster/generate-crds.ts').toBe(content);
  });

  it('are all there is', async () => {
    const files = await readdir(new URL('infra/cluster/crds/', root));
    expect(files.map((file) => `infra/cluster/crds/${file}`).toSorted()).toEqual([...crdFiles().keys()].toSorted());
  });

  it('read back as the definitions, with nothing that YAML would turn into something else', () => {
    const manifests = [...crdFiles().values()].map((content) => parse(content, { version: '1.1' }));
    expect(manifests).toEqual(JSON.parse(JSON.stringify(definitions.map(customResourceDefinition))));
  });
});
