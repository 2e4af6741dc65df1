import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');

/** What must never pass, and the sentence or name by which the linter refuses it. */
const plants: readonly (readonly [path: string, code: string, refused: string])[] = [
  ['functions/workflow-execution/phases/plant-date.ts', 'export const decide = () => new Date();', "'Date'"],
  ['functions/workflow-execution/phases/plant-random.ts', 'export const decide = () => Math.random();', "'Math.random'"],
  ['functions/workflow-execution/phases/plant-process.ts', "export const decide = () => process.env['HOME'];", "'process'"],
  ['functions/ai-analysis/rules/plant-fetch.ts', "export const detect = () => fetch('http://example.com');", "'fetch'"],
  ['functions/admission-webhook/rules/plant-date.ts', 'export const decide = () => new Date();', "'Date'"],
  [
    'functions/admission-webhook/plant-sibling.ts',
    "import { intake } from '../alert-intake/intake.ts';\nexport const x = intake;",
    "'../alert-intake/intake.ts'",
  ],
  [
    'functions/alert-webhook/plant-sibling.ts',
    "import { decide } from '../admission-webhook/rules/decision.ts';\nexport const x = decide;",
    "'../admission-webhook/rules/decision.ts'",
  ],
  ['functions/kubernetes-execution/plant-node.ts', "import { readFileSync } from 'node:fs';\nexport const read = readFileSync;", "'node:fs'"],
  [
    'functions/kubernetes-execution/plant-sibling.ts',
    "import { graph } from '../workflow-execution/graph.ts';\nexport const x = graph;",
    "'../workflow-execution/graph.ts'",
  ],
  [
    'functions/alert-webhook/plant-infra.ts',
    "import { x } from '../../infra/local/stack/stack.ts';\nexport const y = x;",
    "'../../infra/local/stack/stack.ts'",
  ],
  ['shared/api/plant-upwards.ts', "import { x } from '../reconciler/phase.ts';\nexport const y = x;", "'../reconciler/phase.ts'"],
  ['shared/actions/plant-upwards.ts', "import { x } from '../reconciler/phase.ts';\nexport const y = x;", "'../reconciler/phase.ts'"],
  ['shared/planning/plant-node.ts', "import { readFileSync } from 'node:fs';\nexport const read = readFileSync;", "'node:fs'"],
  ['shared/queue/plant-function.ts', "import { x } from '../../functions/sweeper/sweep.ts';\nexport const y = x;", "'../../functions/sweeper/sweep.ts'"],
  ['infra/watcher/plant-function.ts', "import { x } from '../../functions/sweeper/sweep.ts';\nexport const y = x;", "'../../functions/sweeper/sweep.ts'"],
];

let directory = '';
let said = '';

/** One run over all plants in a directory of their own, with the repository's own rules; types are not judged there. */
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'kubernaut-layers-'));
  const { options: _typeAware, ...rules } = JSON.parse(readFileSync(join(root, '.oxlintrc.json'), 'utf8')) as Readonly<Record<string, unknown>>;
  writeFileSync(join(directory, '.oxlintrc.json'), JSON.stringify(rules));
  symlinkSync(join(root, 'node_modules'), join(directory, 'node_modules'));
  for (const [path, code] of plants) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), `${code}\n`);
  }
  const run = spawnSync(join(root, 'node_modules/.bin/oxlint'), ['--format=unix'], { cwd: directory, encoding: 'utf8' });
  said = run.stdout + run.stderr;
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe('the linter refuses', () => {
  it.each(plants)('%s', (path, _code, refused) => {
    expect(said.split('\n').filter((line) => line.includes(path) && line.includes(refused))).not.toEqual([]);
  });
});
