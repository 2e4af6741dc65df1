import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const docs = join(import.meta.dirname, '../../docs');

interface Holder {
  readonly path: string;
  /** Names of tests, as the page quotes them. */
  readonly titles: readonly string[];
}

interface Promised {
  readonly promise: string;
  readonly heldBy: readonly Holder[];
}

/** The rows of the tables of docs/safety.md; a file that follows another in a cell is separated from it by a semicolon. */
function readPromises(): readonly Promised[] {
  const rows = readFileSync(join(docs, 'safety.md'), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('| ') && !line.startsWith('| promise |'));
  return rows.map((row) => {
    const [promise = '', heldBy = ''] = row.slice('| '.length, -' |'.length).split(' | ');
    return { promise, heldBy: heldBy.split(/;(?= \[)/).flatMap(holderOf) };
  });
}

function holderOf(text: string): readonly Holder[] {
  const path = /\]\(([^)]+)\)/.exec(text)?.[1];
  if (path === undefined) return [];
  return [{ path: join(docs, path), titles: [...text.matchAll(/“([^”]+)”/g)].map(([, title = '']) => title) }];
}

const promises = readPromises();

it.each(promises)('somebody holds: $promise', ({ heldBy }) => {
  expect(heldBy.length).toBeGreaterThan(0);
  const missing = heldBy.flatMap(({ path, titles }) => {
    const text = existsSync(path) ? readFileSync(path, 'utf8') : null;
    if (text === null) return [path];
    return titles.filter((title) => !text.includes(`'${title}'`)).map((title) => `${path}: ${title}`);
  });
  expect(missing).toEqual([]);
});

it('the page promises what its reader looks for', () => {
  expect(promises.length).toBeGreaterThan(30);
});
