import { randomUUID } from 'node:crypto';
import { createSandbox } from '../../infra/local/sandbox/create-sandbox.ts';
import { administrator } from '../../infra/local/sandbox/sandbox.ts';
import { standardExtensions } from '../../infra/local/sandbox/standard-extensions.ts';
import { tokenIssuer } from '../../infra/local/sandbox/token.ts';
import { createVirtualClock } from '../../infra/local/virtual-clock.ts';
import { storyStart } from '../support/sandbox.ts';
import { conformance } from './suite.ts';

conformance('the sandbox', async () => {
  const clock = createVirtualClock({ start: storyStart });
  const sandbox = createSandbox({ clock, randomUuid: randomUUID, extensions: standardExtensions(tokenIssuer(clock)) });
  const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve));
  return {
    transport: sandbox.transport(administrator),
    expiredVersion: '1',
    pause: nextTurn,
    async elapse(seconds) {
      let isOver = false;
      void clock.sleep(seconds * 1_000).then(() => (isOver = true));
      await clock.run(() => isOver, { virtualSeconds: seconds });
    },
    close: async () => sandbox.close(),
  };
});
