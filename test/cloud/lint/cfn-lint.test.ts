import { beforeAll, describe, expect, it } from 'vitest';
import { lint, theCfnLint } from '../../support/cfn-lint.ts';
import { packageTemplate } from '../../support/packaged-template.ts';
import { everyPiece, otherPieces } from '../../support/stages.ts';

let path: string;
beforeAll(async () => {
  path = (await theCfnLint()).path;
});

describe('cfn-lint', () => {
  it.each(['dev', 'production', 'every-piece', 'other-pieces'])('has nothing to say of the template of stage %s', async (stage) => {
    const template = await packageTemplate(stage, { stages: { 'every-piece': everyPiece, 'other-pieces': otherPieces } });
    expect(await lint(path, template.path)).toEqual([]);
    await template.remove();
  });
});
