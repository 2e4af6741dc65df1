import { configDefaults, defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['{shared,functions,infra,test}/**/*.test.ts'],
    // Those need a real control plane: npm run test:cluster.
    exclude: [...configDefaults.exclude, 'test/cluster/{control-plane,real}/**'],
    // The default leaves a core to a watcher that nobody has here: on two cores it would run one file at a time.
    maxWorkers: '100%',
    // Stories boot a WASM PostgreSQL and a sandbox; on two cores a file may wait for its turn.
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
