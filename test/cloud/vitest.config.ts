import { defineConfig } from 'vitest/config';

/** What needs a program that npm does not bring: `npm run test:cloud`. */
export default defineConfig({
  test: {
    include: ['test/cloud/{lint,deployed}/**/*.test.ts'],
    globalSetup: 'test/cloud/provide-programs.ts',
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
