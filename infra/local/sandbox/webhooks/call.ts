import { isJsonObject, type JsonObject, type JsonValue } from '../../../../shared/api/json.ts';
import type { WebhookAnswer } from '../extension.ts';
import { listAt, stringAt } from '../object.ts';
import type { ServerContext } from '../server-context.ts';
import { deniedByWebhook, internalError, type StatusError } from '../status-object.ts';
import { requestObject, type AdmissionRequest } from './admission-request.ts';
import type { Side, Webhook } from './registered.ts';
import { failureOf } from './webhook-failure.ts';

/** `failed`: there is no verdict; the failure policy says what that comes to. */
export type Verdict =
  | { readonly kind: 'allowed'; readonly patch: readonly JsonValue[]; readonly warnings: readonly string[] }
  | { readonly kind: 'denied'; readonly refusal: StatusError; readonly warnings: readonly string[] }
  | { readonly kind: 'failed'; readonly why: string };

/** What the webhook says of a write. `null`: it failed, and its failures are ignored. Throws a 500 for those that are not. */
export async function verdictOf(
  server: ServerContext,
  side: Side,
  webhook: Webhook,
  request: AdmissionRequest,
): Promise<Exclude<Verdict, { kind: 'failed' }> | null> {
  const verdict = await ask(server, side, webhook, request);
  if (verdict.kind !== 'failed') return verdict;
  if (webhook.failuresAreIgnored) return null;
  throw internalError(`failed calling webhook ${JSON.stringify(webhook.name)}: ${verdict.why}`);
}

async function ask(server: ServerContext, side: Side, webhook: Webhook, request: AdmissionRequest): Promise<Verdict> {
  const { url, name, timeoutSeconds, reviewVersion } = webhook;
  const uid = server.randomUuid();
  const review = { kind: 'AdmissionReview', apiVersion: `admission.k8s.io/${reviewVersion}`, request: requestObject(request, uid) };
  const asked = `${url}?timeout=${timeoutSeconds}s`;
  const answer = serviceFault(server, webhook) ?? (await post(server, webhook, asked, review));
  const failure = failureOf(answer, asked);
  if (failure !== null) return failed(`failed to call webhook: ${failure}`);
  return read(answer, { side, uid, name, apiVersion: review.apiVersion });
}

function post({ clock, extensions }: ServerContext, { caBundle, timeoutSeconds }: Webhook, url: string, review: JsonObject): Promise<WebhookAnswer> {
  return clock.track(() => extensions.webhooks({ url, caBundle, review, timeoutMilliseconds: timeoutSeconds * 1_000 }));
}

/** No network is behind the Services of a sandbox: a webhook here is reached by its url. */
function serviceFault({ store }: ServerContext, { service }: Webhook): WebhookAnswer | null {
  if (service === null) return null;
  const isThere = store.get('', 'services', service.namespace, service.name) !== undefined;
  const name = JSON.stringify(service.name);
  return { kind: 'unreached', why: isThere ? `no endpoints available for service ${name}` : `service ${name} not found` };
}

interface Expected {
  readonly side: Side;
  readonly uid: string;
  readonly name: string;
  readonly apiVersion: string;
}

function read(answer: WebhookAnswer, expected: Expected): Verdict {
  const review = answer.kind === 'answered' ? (JSON.parse(answer.text) as JsonValue) : null;
  const response = isJsonObject(review) ? review['response'] : undefined;
  if (!isJsonObject(review) || !isJsonObject(response)) return failed('received invalid webhook response: webhook response was absent');
  const fault =
    uidFault(response, expected) ?? versionFault(review, expected) ?? (expected.side === 'mutating' ? patchFault(response) : patchOfValidation(response));
  if (fault !== null) return failed(`received invalid webhook response: ${fault}`);
  const warnings = listAt(response, 'warnings').filter((warning) => typeof warning === 'string');
  if (response['allowed'] !== true) return { kind: 'denied', refusal: deniedByWebhook(expected.name, response['status']), warnings };
  return patched(response, warnings);
}

function uidFault(response: JsonObject, { uid }: Expected): string | null {
  const told = stringAt(response, 'uid');
  return told === uid ? null : `expected response.uid=${JSON.stringify(uid)}, got ${JSON.stringify(told)}`;
}

function versionFault(review: JsonObject, { apiVersion }: Expected): string | null {
  const [told, kind] = [stringAt(review, 'apiVersion'), stringAt(review, 'kind')];
  if (told === apiVersion && kind === 'AdmissionReview') return null;
  return `expected webhook response of ${apiVersion}, Kind=AdmissionReview, got ${told}, Kind=${kind}`;
}

function patchFault(response: JsonObject): string | null {
  const hasPatch = stringAt(response, 'patch') !== '';
  const hasType = response['patchType'] !== undefined;
  if (hasPatch && !hasType) return 'webhook returned response.patch but not response.patchType';
  if (!hasPatch && hasType) return 'webhook returned response.patchType but not response.patch';
  return null;
}

function patchOfValidation(response: JsonObject): string | null {
  const member = ['patch', 'patchType'].find((name) => response[name] !== undefined);
  return member === undefined ? null : `validating webhook may not return response.${member}`;
}

function patched(response: JsonObject, warnings: readonly string[]): Verdict {
  const encoded = stringAt(response, 'patch');
  if (encoded === '') return { kind: 'allowed', patch: [], warnings };
  const patch = parsedPatch(Buffer.from(encoded, 'base64').toString('utf8'));
  if (patch === null) return failed('received undecodable patch in webhook response: it is no list of operations');
  const patchType = stringAt(response, 'patchType');
  return patchType === 'JSONPatch' ? { kind: 'allowed', patch, warnings } : failed(`unsupported patch type ${JSON.stringify(patchType)}`);
}

function parsedPatch(text: string): readonly JsonValue[] | null {
  try {
    const patch = JSON.parse(text) as JsonValue;
    return Array.isArray(patch) ? patch : null;
  } catch {
    return null;
  }
}

function failed(why: string): Verdict {
  return { kind: 'failed', why };
}
