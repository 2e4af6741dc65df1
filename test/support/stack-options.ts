import type { LocalStackOptions } from '../../infra/local/stack/local-stack.ts';

/** A stack that disturbs nobody: any free ports, queues of its own, nothing kept, nothing told. */
export const ofATest = {
  tell: () => undefined,
  ports: { webhook: 0, api: 0, queue: 0 },
  queueEndpoint: null,
  queuePrefix: 'kubernaut-test-',
  keepsQueues: false,
  dataDirectory: null,
} as const satisfies Partial<LocalStackOptions>;
