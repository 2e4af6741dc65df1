import { defineConfig } from 'vitest/config';

/** Everything that comes in from outside, as an attacker would send it: `npm run test:hostile`. `KUBERNAUT_HOSTILE_SEED` plays a sweep again. */
export default defineConfig({
  test: {
    include: ['test/hostile/**/*.test.ts'],
    // As for the other suites: on two cores the default would run one file at a time.
    maxWorkers: '100%',
    // A sweep is one test, and ends by its number of runs.
    testTimeout: 300_000,
    hookTimeout: 60_000,
  },
});
