import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['{shared,functions,infra,test}/**/*.test.ts'],
    // Stories boot a WASM PostgreSQL and a sandbox; on two cores a file may wait for its turn.
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
