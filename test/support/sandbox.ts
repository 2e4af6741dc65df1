import type { Transport } from '../../shared/kubernetes/request.ts';
import { createSandbox, type SandboxOptions } from '../../infra/local/sandbox/create-sandbox.ts';
import { crdValidator } from '../../infra/local/sandbox/crd-validator.ts';
import type { Extensions } from '../../infra/local/sandbox/extension.ts';
import { impersonator } from '../../infra/local/sandbox/impersonation.ts';
import { rbacAuthorizer } from '../../infra/local/sandbox/rbac-authorizer.ts';
import { administrator, type Sandbox } from '../../infra/local/sandbox/sandbox.ts';
import { createVirtualClock, type VirtualClock } from '../../infra/local/virtual-clock.ts';

/** The real parts but for Tables, which nobody asks for without kubectl. */
export const extensionsForTests: Extensions = {
  authorizer: rbacAuthorizer(),
  impersonator: impersonator(),
  validator: crdValidator(),
  endpoints: [],
  tables: { wanted: () => false, render: () => ({}) },
  webhooks: async () => ({ kind: 'unreached', why: 'no webhook is served in this test' }),
};

export const storyStart = '2026-01-15T10:30:00Z';

export interface World {
  readonly clock: VirtualClock;
  readonly sandbox: Sandbox;
  readonly transport: Transport;
}

/** A sandbox at half past ten with an administrator's transport; uuids count up, so that two worlds are the same. */
export function aWorld(overrides: Partial<SandboxOptions> = {}): World {
  const clock = createVirtualClock({ start: storyStart });
  const sandbox = createSandbox({ clock, randomUuid: countingUuids(), extensions: extensionsForTests, ...overrides });
  return { clock, sandbox, transport: sandbox.transport(administrator) };
}

export function countingUuids(): () => string {
  let count = 0;
  return () => `${String((count += 1)).padStart(8, '0')}-0000-4000-8000-000000000000`;
}
