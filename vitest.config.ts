import { configDefaults, defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['{shared,functions,infra,test}/**/*.test.ts'],
    // Those need a real control plane (npm run test:cluster, npm run test:conformance -- --cluster real) or programs that npm does not bring
    // (npm run test:cloud, npm run test:localstack), and those go on for minutes (npm run test:hostile).
    exclude: [
      ...configDefaults.exclude,
      'test/cluster/{control-plane,real}/**',
      'test/cloud/{lint,deployed,localstack}/**',
      'test/conformance/kube-apiserver.test.ts',
      'test/hostile/**',
    ],
    // The default leaves a core to a watcher that nobody has here: on two cores it would run one file at a time.
    maxWorkers: '100%',
    // Stories boot a WASM PostgreSQL and a sandbox; on two cores a file may wait for its turn.
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
