import { join } from 'node:path';
import { it } from 'vitest';
import { startLocalStack } from '../../infra/local/stack/local-stack.ts';
import { silentLogger } from '../../shared/telemetry/logger.ts';
import { expectAdmissionToBeAsked } from '../support/asked-admission.ts';

it('a stack on this machine asks its admission-webhook over HTTPS', async () => {
  const stack = await startLocalStack({
    root: join(import.meta.dirname, '../..'),
    cluster: 'sandbox',
    tell: () => undefined,
    ports: { webhook: 0, api: 0, queue: 0 },
    queueEndpoint: null,
    queuePrefix: 'kubernaut-test-',
    keepsQueues: false,
    dataDirectory: null,
    environment: process.env,
    logger: silentLogger,
  });
  try {
    await expectAdmissionToBeAsked(stack.admin);
  } finally {
    await stack.stop();
  }
});
