import { defineConfig } from 'vitest/config';

/** The queues of the template in LocalStack: `npm run test:localstack`. KUBERNAUT_LOCALSTACK=http://… uses one that runs already, and deploys the functions to it too. */
export default defineConfig({
  test: {
    include: ['test/cloud/localstack/**/*.test.ts'],
    globalSetup: 'test/cloud/localstack/provide-localstack.ts',
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
