import { aWorld } from '../support/sandbox.ts';
import { conformance } from './suite.ts';

conformance('the sandbox', async () => {
  const { sandbox, transport } = aWorld();
  const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve));
  return { transport, expiredVersion: '1', pause: nextTurn, close: async () => sandbox.close() };
});
