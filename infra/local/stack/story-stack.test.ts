import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { silentLogger } from '../../../shared/telemetry/logger.ts';
import { expectAdmissionToBeAsked } from '../../../test/support/asked-admission.ts';
import { startStoryStack } from './story-stack.ts';

const root = join(import.meta.dirname, '../../..');

let temporary = '';
beforeEach(async () => {
  temporary = await mkdtemp(join(tmpdir(), 'kubernaut-story-stack-'));
  vi.stubEnv('TMPDIR', temporary);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(temporary, { recursive: true });
});

describe('a stack for stories', () => {
  it('leaves no file behind when it has stopped', async () => {
    const stack = await startStoryStack({ root, logger: silentLogger });
    expect(await readdir(temporary)).toHaveLength(1);
    await stack.stop();
    expect(await readdir(temporary)).toEqual([]);
  });

  it('asks its admission-webhook, in process', async () => {
    const stack = await startStoryStack({ root, logger: silentLogger });
    await expectAdmissionToBeAsked(stack.admin);
    await stack.stop();
  });

  it('leaves no file behind when it cannot start', async () => {
    const variables = { KUBERNAUT_MONITORING_SECONDS: 'soon' };
    await expect(startStoryStack({ root, logger: silentLogger, variables })).rejects.toThrow('KUBERNAUT_MONITORING_SECONDS');
    expect(await readdir(temporary)).toEqual([]);
  });
});
