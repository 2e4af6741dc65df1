import { join } from 'node:path';
import { it } from 'vitest';
import { startLocalStack } from '../../infra/local/stack/local-stack.ts';
import { silentLogger } from '../../shared/telemetry/logger.ts';
import { expectAdmissionToBeAsked } from '../support/asked-admission.ts';
import { ofATest } from '../support/stack-options.ts';

it('a stack on this machine asks its admission-webhook over HTTPS', async () => {
  const stack = await startLocalStack({
    root: join(import.meta.dirname, '../..'),
    cluster: 'sandbox',
    ...ofATest,
    environment: process.env,
    logger: silentLogger,
  });
  try {
    await expectAdmissionToBeAsked(stack.admin);
  } finally {
    await stack.stop();
  }
});
