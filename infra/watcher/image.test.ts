import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { stagesOf, wordsOf } from '../../test/support/dockerfile.ts';
import { parseWatcherEnvironment } from './environment.ts';

const root = join(import.meta.dirname, '../..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');

const stages = stagesOf(read('infra/watcher/Dockerfile'));
const [builder = [], final = []] = stages;
const sources = wordsOf(builder, 'COPY').flatMap((words) => words.filter((word) => !word.startsWith('--')).slice(0, -1));

describe("the watcher's image", () => {
  it('has two stages, both of the Node that the product runs on', () => {
    const { engines } = JSON.parse(read('package.json')) as { readonly engines: { readonly node: string } };
    const major = /\d+/.exec(engines.node)?.[0] ?? '';
    expect(stages).toHaveLength(2);
    expect(wordsOf(builder, 'FROM').join(' ')).toContain(`library/node:${major}-`);
    expect(wordsOf(final, 'FROM').join(' ')).toContain(`distroless/nodejs${major}-`);
  });

  it('is bundled on the builder, whatever it is built for', () => {
    expect(wordsOf(builder, 'FROM')[0]?.[0]).toBe('--platform=$BUILDPLATFORM');
  });

  it('holds one file beside Node, and runs it as nobody', () => {
    expect(wordsOf(final, 'COPY')).toEqual([['--from=bundle', '--chmod=0444', '/out/watcher.mjs', '/watcher/watcher.mjs']]);
    expect(wordsOf(final, 'CMD').flat().at(-1)).toBe('"/watcher/watcher.mjs"]');
    expect(wordsOf(final, 'USER')).toEqual([['65532:65532']]);
    expect(wordsOf(final, 'RUN')).toEqual([]);
  });

  it('is made of what exists, and of nothing else', () => {
    expect(sources.filter((source) => !existsSync(join(root, source)))).toEqual([]);
    const ignore = read('infra/watcher/Dockerfile.dockerignore').split('\n');
    const admitted = ignore.filter((line) => line.startsWith('!')).map((line) => line.slice(1));
    expect(ignore.find((line) => line !== '' && !line.startsWith('#'))).toBe('*');
    expect(admitted.toSorted()).toEqual([...new Set(sources.map((source) => source.replace('./', '')))].toSorted());
  });

  it('listens where the chart asks', () => {
    const deployment = read('infra/cluster/chart/templates/watcher.yaml');
    const { KUBERNAUT_WATCHER_PORT: port } = parseWatcherEnvironment({ KUBERNAUT_QUEUE_URL_PREFIX: 'https://sqs.example.com/' });
    expect(wordsOf(final, 'EXPOSE')).toEqual([[String(port)]]);
    expect(deployment).toContain(`containerPort: ${port}`);
    expect(deployment).toContain(`runAsUser: ${wordsOf(final, 'USER')[0]?.[0]?.split(':')[0]}`);
  });
});
