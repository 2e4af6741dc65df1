import { KindName, kinds } from '../../shared/api/kinds.ts';
import type { KubernetesObject } from '../../shared/api/object-ref.ts';
import { accountUser } from '../../shared/kubernetes/cluster.ts';
import { functionsIdentity } from './identities.ts';
import { manifestLabels } from './identity.ts';
import { celList } from './policy-settings.ts';

/** Where the admission-webhook answers. The last segment of the path is its secret. */
export type WebhookEndpoint =
  | { /** https, without user info, query or fragment. */ readonly url: string }
  | { readonly service: { readonly namespace: string; readonly name: string; readonly path: string; readonly port?: number } };

export type WebhookSettings = WebhookEndpoint & {
  /** PEM in base64; a certificate that everybody trusts needs none. */
  readonly caBundle?: string;
  /** Our own namespace. */
  readonly namespace: string;
  /** Who the functions are, whose own status writes pass without a call; absent: their account in the namespace. */
  readonly functions?: { readonly users: readonly string[]; readonly groups: readonly string[] };
};

/** As the configurations hold it; the chart puts templates in place of these texts. */
export interface WebhookTexts {
  readonly clientConfig: (door: 'mutate' | 'validate') => Readonly<Record<string, unknown>>;
  /** Lists of strings in CEL. */
  readonly functionsUsers: string;
  readonly functionsGroups: string;
}

const group = 'admissionregistration.k8s.io/v1';
const timeoutSeconds = 5; // a decision takes milliseconds, a cold start of the function a second: who waits longer waits for an outage

/** The two configurations for one installation. Throws for an address that the API server would not take. */
export function webhookConfigurations(settings: WebhookSettings): readonly KubernetesObject[] {
  const { caBundle, namespace } = settings;
  const functions = settings.functions ?? { users: [accountUser(namespace, functionsIdentity().name)], groups: [] };
  const trust = caBundle === undefined ? {} : { caBundle };
  return webhookManifests({
    clientConfig: (door) => ({ ...endpointOf(settings, door), ...trust }),
    functionsUsers: celList(functions.users),
    functionsGroups: celList(functions.groups),
  });
}

/**
 * Fail closed, and for our own kinds only: while nobody answers, no request is made or approved by hand and no child is created, and
 * everything else in the cluster goes on. Status writes of the functions are not asked about at all, so what is under way ends.
 */
export function webhookManifests(texts: WebhookTexts): readonly KubernetesObject[] {
  const metadata = { name: 'kubernaut-admission', labels: manifestLabels };
  return [
    { apiVersion: group, kind: 'MutatingWebhookConfiguration', metadata, webhooks: [mutating(texts)] },
    { apiVersion: group, kind: 'ValidatingWebhookConfiguration', metadata, webhooks: [validating(texts)] },
  ];
}

function mutating(texts: WebhookTexts) {
  return {
    ...webhook('mutate', texts),
    reinvocationPolicy: 'Never', // others who change our annotations after us are refused by the validating one
    rules: [
      ...rulesFor(['RemediationRequest', 'WorkflowExecution', 'KubernetesExecution'], { operations: ['CREATE'], subresources: [] }),
      ...rulesFor(['RemediationRequest', 'WorkflowExecution'], { operations: ['UPDATE'], subresources: [] }),
    ],
    // What the functions write is complete but for other names of actions, which come in with the workflows that they create.
    matchConditions: [
      {
        name: 'written-by-people-or-naming-actions',
        expression: `!(${isFunctions(texts)}) || (request.operation == "CREATE" && request.resource.resource != "${kinds.RemediationRequest.plural}")`,
      },
    ],
  };
}

function validating(texts: WebhookTexts) {
  return {
    ...webhook('validate', texts),
    rules: rulesFor(KindName, { operations: ['CREATE', 'UPDATE'], subresources: ['status'] }),
    matchConditions: [{ name: 'no-status-of-the-functions', expression: `request.?subResource.orValue("") != "status" || !(${isFunctions(texts)})` }],
  };
}

function webhook(door: 'mutate' | 'validate', { clientConfig }: WebhookTexts) {
  return {
    name: `${door}.admission.kubernaut.io`,
    admissionReviewVersions: ['v1'],
    clientConfig: clientConfig(door),
    failurePolicy: 'Fail',
    matchPolicy: 'Equivalent',
    sideEffects: 'NoneOnDryRun', // a refused approval is audited
    timeoutSeconds,
  };
}

function rulesFor(
  names: readonly KindName[],
  { operations, subresources }: { readonly operations: readonly ('CREATE' | 'UPDATE')[]; readonly subresources: readonly string[] },
) {
  const groups = [...new Set(names.map((name) => kinds[name].group))];
  return groups.map((apiGroup) => {
    const plurals = names.filter((name) => kinds[name].group === apiGroup).map((name) => kinds[name].plural);
    const resources = plurals.flatMap((plural) => [plural, ...subresources.map((subresource) => `${plural}/${subresource}`)]);
    return { apiGroups: [apiGroup], apiVersions: ['v1'], operations, resources, scope: 'Namespaced' };
  });
}

function isFunctions({ functionsUsers, functionsGroups }: WebhookTexts): string {
  const user = `request.userInfo.?username.orValue("") in ${functionsUsers}`;
  const anyGroup = `request.userInfo.?groups.orValue([]).exists(group, group in ${functionsGroups})`;
  return `${user} || ${anyGroup}`;
}

function endpointOf(endpoint: WebhookEndpoint, door: 'mutate' | 'validate') {
  if ('service' in endpoint) {
    const { path, ...service } = endpoint.service;
    return { service: { ...service, path: `${path.replace(/\/+$/, '')}/${door}` } };
  }
  const url = new URL(endpoint.url);
  const isPlain = url.protocol === 'https:' && url.username === '' && url.password === '' && url.search === '' && url.hash === '';
  if (!isPlain) throw new Error(`admission.url: must be https, without user info, query or fragment: the API server takes no other`);
  return { url: `${endpoint.url.replace(/\/+$/, '')}/${door}` };
}
