import { onTestFinished } from 'vitest';
import type { JsonObject, JsonValue } from '../../../shared/api/json.ts';
import { widget, widgetGroup } from '../objects.ts';
import type { Subject } from '../subject.ts';
import type { Call, Webhook, WebhookServer } from './webhook-server.ts';

export const registration = 'admissionregistration.k8s.io/v1';
const kinds = { mutating: 'MutatingWebhookConfiguration', validating: 'ValidatingWebhookConfiguration' } as const;
export type Side = keyof typeof kinds;

/** One webhook of a case: how it answers, and what its registration says beside the default. */
export interface Wish {
  readonly answers: Webhook;
  readonly more?: JsonObject;
}

/** A case of one side after another; the names of the webhooks order nothing. */
export type Wishes = Readonly<Partial<Record<Side, Readonly<Record<string, Wish>>>>>;

export interface World {
  readonly subject: Subject;
  readonly server: WebhookServer;
}

export interface Installed {
  /** `mutating/first`, … in the order in which they were called. */
  order(): readonly string[];
  /** Requests that came to one of them. */
  calls(webhook: string): readonly Call[];
  /** The name that messages say. */
  nameOf(webhook: string): string;
  /** An object that the case's webhooks see: by its label. */
  seen(object: JsonObject): JsonObject;
}

export const everyWrite: JsonValue = [
  { apiGroups: ['conformance.example'], apiVersions: ['v1'], resources: ['widgets'], operations: ['CREATE', 'UPDATE', 'DELETE'] },
];

export function collectionOf(side: Side): string {
  return `/apis/${registration}/${kinds[side].toLowerCase()}s`;
}

export function configuration(side: Side, name: string, webhooks: readonly JsonObject[]): JsonObject {
  return { apiVersion: registration, kind: kinds[side], metadata: { name }, webhooks: [...webhooks] };
}

/**
 * Registers webhooks that see nothing but the objects of their case, and waits until the API server calls them: to each
 * configuration comes a probe, which sees nothing but probes. The test that asked ends them.
 */
export async function installed({ subject, server }: World, caseName: string, wishes: Wishes, name = caseName): Promise<Installed> {
  const { send, path, eventually } = subject;
  const pathOf = (webhook: string): string => `/${name}/${webhook}`;
  const sides = (['mutating', 'validating'] as const).filter((side) => wishes[side] !== undefined);
  for (const side of sides) {
    const wished = Object.entries(wishes[side] ?? {});
    const all: readonly (readonly [string, Wish])[] = [['probe', { answers: allows, more: { objectSelector: { matchLabels: { probe: name } } } }], ...wished];
    for (const [webhook, { answers }] of all) server.serve(pathOf(`${side}/${webhook}`), answers);
    const registered = all.map(([webhook, { more }]) => ({
      name: nameOf(`${side}/${webhook}`),
      clientConfig: { url: `${server.url}${pathOf(`${side}/${webhook}`)}`, caBundle: server.caBundle },
      rules: everyWrite,
      sideEffects: 'None',
      admissionReviewVersions: ['v1'],
      objectSelector: { matchLabels: { case: caseName } },
      ...more,
    }));
    const answer = await send('POST', collectionOf(side), configuration(side, name, registered));
    if (answer.status !== 201) throw new Error(JSON.stringify(answer.body));
    onTestFinished(async () => void (await send('DELETE', `${collectionOf(side)}/${name}`)));
  }
  const callsOf = (webhook: string): readonly Call[] => server.calls().filter((call) => call.path === pathOf(webhook));
  await eventually(
    () => send('POST', path('widgets', widgetGroup), widget('probe', { metadata: { name: 'probe', labels: { probe: name } } }), { dryRun: 'All' }),
    () => sides.every((side) => callsOf(`${side}/probe`).length > 0),
  );
  return {
    nameOf,
    calls: callsOf,
    order: () =>
      server
        .calls()
        .filter((call) => call.path.startsWith(`/${name}/`) && !call.path.endsWith('/probe'))
        .map((call) => call.path.slice(`/${name}/`.length)),
    seen: (object) => labelled(object, caseName),
  };
}

/** `mutating/first` → `first.mutating.conformance.example`. */
function nameOf(webhook: string): string {
  return `${webhook.split('/').toReversed().join('.')}.conformance.example`;
}

function labelled(object: JsonObject, caseName: string): JsonObject {
  const metadata = object['metadata'] as JsonObject;
  return { ...object, metadata: { ...metadata, labels: { ...(metadata['labels'] as JsonObject | undefined), case: caseName } } };
}

export const allows: Webhook = () => ({ response: { allowed: true } });

export function denies(status: JsonObject): Webhook {
  return () => ({ response: { allowed: false, status } });
}

export function patches(operations: (request: JsonObject) => readonly JsonObject[]): Webhook {
  return (request) => {
    const patch = Buffer.from(JSON.stringify(operations(request))).toString('base64');
    return { response: { allowed: true, patchType: 'JSONPatch', patch } };
  };
}
