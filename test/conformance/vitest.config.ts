import { defineConfig } from 'vitest/config';

/** The suite against a real control plane: `npm run test:conformance -- --cluster real`. The sandbox's side is a part of `npm test`. */
export default defineConfig({
  test: {
    include: ['test/conformance/kube-apiserver.test.ts'],
    globalSetup: 'test/cluster/provide-programs.ts',
    testTimeout: 60_000,
    hookTimeout: 300_000,
  },
});
