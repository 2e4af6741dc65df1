import { expect } from 'vitest';
import type { JsonObject } from '../../shared/api/json.ts';
import type { Transport } from '../../shared/kubernetes/request.ts';
import { client } from './api-client.ts';
import { aRequest } from './requests.ts';
import { aWorkflow } from './workflows.ts';

const inNamespace = (groupVersion: string, plural: string): string => `/apis/${groupVersion}/namespaces/kubernaut-system/${plural}`;

function byHand(object: object): JsonObject {
  const { status: _status, ...wished } = object as JsonObject;
  return { ...wished, metadata: { name: 'by-hand', namespace: 'kubernaut-system' } };
}

/** The API server behind this asks our admission-webhook about what an administrator writes: it completes, it refuses, and it is not asked about others' kinds. */
export async function expectAdmissionToBeAsked(admin: Transport): Promise<void> {
  const { send } = client(admin);
  const dryRun = { dryRun: 'All' };
  const { firingTime: _firing, receivedTime: _received, ...spec } = aRequest({ source: 'manual' }).spec;
  const made = await send('POST', inNamespace('remediation.kubernaut.io/v1', 'remediationrequests'), byHand({ ...aRequest(), spec }), dryRun);
  expect(made).toMatchObject({ status: 201, body: { spec: { receivedTime: expect.any(String) as string } } });
  expect(await send('POST', inNamespace('workflow.kubernaut.io/v1', 'workflowexecutions'), byHand(aWorkflow()), dryRun)).toMatchObject({
    status: 403,
    body: { message: expect.stringMatching(/^admission webhook "validate\.admission\.kubernaut\.io" denied the request: kind: /) as string },
  });
  expect((await send('POST', '/api/v1/namespaces/kubernaut-system/configmaps', byHand({}), dryRun)).status).toBe(201);
}
