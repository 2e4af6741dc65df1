import type { JsonObject } from '../../../shared/api/json.ts';
import { kinds, type KindName } from '../../../shared/api/kinds.ts';
import { defaultNamespace } from '../../../shared/api/labels.ts';
import { wordsOf } from '../../../shared/kubernetes/cluster.ts';
import type { Transport } from '../../../shared/kubernetes/request.ts';
import { collectionPath } from '../../../shared/kubernetes/resource-path.ts';
import { waitUntil } from '../story/wait-until.ts';
import type { InstallWait } from './install.ts';

/** How long an API server may take to ask a webhook whose registration it has stored: a moment, but on a busy machine. */
const askedSecondsMax = 30;
const timeoutMilliseconds = 10_000;

/**
 * Done when the API server asks both webhooks: it follows the registrations by a watch of its own, and until it has seen them it lets everything pass.
 * Nobody need answer there yet: a webhook that was called in vain is one that is called. As an administrator. Throws TookTooLong.
 */
export async function awaitAdmission(transport: Transport, { clock, signal = never }: InstallWait): Promise<void> {
  const secondsMax = askedSecondsMax;
  await waitUntil(() => mutationIsAsked(transport), { clock, signal, what: 'the API asks mutate.admission.kubernaut.io', secondsMax });
  await waitUntil(() => validationIsAsked(transport), { clock, signal, what: 'the API asks validate.admission.kubernaut.io', secondsMax });
}

const never = new AbortController().signal;

/** Without the mutation the request lacks what its definition wants, and its schema refuses it in words of its own. */
async function mutationIsAsked(transport: Transport): Promise<boolean> {
  const { status, words } = await rehearse(transport, 'RemediationRequest', { severity: 'info' });
  return status === 201 || words.includes('"mutate.admission.kubernaut.io"');
}

/** The mutation is not about this kind, and only the functions may make one. */
async function validationIsAsked(transport: Transport): Promise<boolean> {
  const owner = { apiVersion: kinds.RemediationRequest.apiVersion, kind: 'RemediationRequest', name: 'probe', namespace: defaultNamespace, uid: 'probe' };
  const alert = { name: 'probe', fingerprint: 'probe', severity: 'info', labels: {}, annotations: {}, firingTime: '2026-01-01T00:00:00Z' };
  const { words } = await rehearse(transport, 'RemediationProcessing', { remediationRequestRef: owner, alert });
  return words.includes('"validate.admission.kubernaut.io"');
}

async function rehearse(transport: Transport, kind: KindName, spec: JsonObject) {
  const { apiVersion } = kinds[kind];
  const object = { apiVersion, kind, metadata: { name: 'admission-probe', namespace: defaultNamespace }, spec };
  const request = { method: 'POST', path: collectionPath(object, defaultNamespace), query: { dryRun: 'All' }, body: object } as const;
  const { status, body } = await transport.send(request, timeoutMilliseconds);
  return { status, words: wordsOf(body, status) };
}
