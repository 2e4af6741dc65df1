import { defineConfig } from 'vitest/config';

/** What needs an AWS, or a program that npm does not bring: `npm run test:cloud`. Everything is deployed once, before the first file; each file works in the same stage. */
export default defineConfig({
  test: {
    include: ['test/cloud/{lint,deployed}/**/*.test.ts'],
    globalSetup: ['test/cloud/provide-programs.ts', 'test/cloud/deploy.ts'],
    fileParallelism: false,
    // Functions that start anew on a machine that is busy; every wait inside has a deadline of its own.
    testTimeout: 300_000,
    hookTimeout: 120_000,
  },
});
