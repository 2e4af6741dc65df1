import { defineConfig } from 'vitest/config';

/** What needs a real control plane: `npm run test:cluster`. One file at a time, since each starts one of its own on few cores. */
export default defineConfig({
  test: {
    include: ['test/cluster/{control-plane,real}/**/*.test.ts'],
    globalSetup: 'test/cluster/provide-programs.ts',
    fileParallelism: false,
    // The longest story waits two minutes for replicas that never come.
    testTimeout: 480_000,
    // A control plane and a release of the chart in it, on a machine that is busy.
    hookTimeout: 300_000,
  },
});
