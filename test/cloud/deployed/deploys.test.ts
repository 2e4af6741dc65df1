import { appendFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { createDeployer } from '../../../infra/local/cloud/osls.ts';
import { writeStage } from '../../../infra/local/cloud/project-copy.ts';
import { codeOf, partsOf } from '../../support/deployed-parts.ts';
import { theDeployment, type TestedDeployment } from '../../support/deployed.ts';

let product: TestedDeployment;
beforeAll(async () => {
  product = await theDeployment();
});
afterAll(() => product.close());

const deployer = (stage = product.stage) =>
  createDeployer({ project: product.project, stage, emulator: product.emulator, signal: new AbortController().signal });
const change = (path: string) => appendFile(join(product.project, path), `\nexport const version${Date.now()} = 'another';\n`);
const changedBetween = (before: Readonly<Record<string, string>>, after: Readonly<Record<string, string>>) =>
  Object.keys(after).filter((name) => before[name] !== after[name]);

describe('deploying again', () => {
  it('changes nothing when nothing has changed, and one function when one has', async () => {
    const first = await codeOf(product.emulator);
    await deployer().deploy();
    const second = await codeOf(product.emulator);
    expect(second).toEqual(first);
    await change('functions/alert-webhook/handler.ts');
    await deployer().deploy();
    expect(changedBetween(second, await codeOf(product.emulator))).toEqual([`kubernaut-${product.stage}-alert-webhook`]);
  });
});

describe('removing a stage', () => {
  it('leaves no function, queue, log group or role of it, and every one of another', async () => {
    const { emulator, sqs, project, stage } = product;
    const others = await partsOf(emulator, sqs, `kubernaut-${stage}-`);
    await writeStage(project, 'gone', parse(await readFile(join(project, `infra/cloud/stages/${stage}.yml`), 'utf8')) as object);
    await deployer('gone').deploy();
    const parts = await partsOf(emulator, sqs, 'kubernaut-gone-');
    for (const what of ['function', 'queue', 'log group', 'role']) expect(parts.some((part) => part.startsWith(what))).toBe(true);
    await deployer('gone').remove();
    expect(await partsOf(emulator, sqs, 'kubernaut-gone-')).toEqual([]);
    expect(await partsOf(emulator, sqs, `kubernaut-${stage}-`)).toEqual(others);
  });
});
