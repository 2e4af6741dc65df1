import { afterAll, beforeAll } from 'vitest';
import { anApprovalWorld, type ApprovalWorld } from '../support/approval-world.ts';
import { describeAttacks } from '../support/attacked.ts';
import { byRequest } from '../support/attempts.ts';

let world: ApprovalWorld;
beforeAll(async () => {
  world = await anApprovalWorld('sandbox');
}, 180_000);
afterAll(() => world.stack.stop());

describeAttacks(
  'sandbox',
  () => world,
  () => byRequest,
);
