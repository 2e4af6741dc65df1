import * as z from 'zod';
import type { KubernetesObject } from '../../../shared/api/object-ref.ts';
import { invalidValue } from './crd-causes.ts';
import type { EndpointContext, VirtualEndpoint } from './extension.ts';
import { objectAt, stringAt } from './object.ts';
import { badRequest, conflict, invalid, noSuchResource, notFound } from './status-object.ts';
import { tokenAudience, type BoundObject, type TokenIssuer } from './token.ts';

const lifetimeSecondsMin = 600; // below ten minutes a real API refuses
const lifetimeSecondsDefault = 3_600;

const tokenRequestSchema = z.object({
  spec: z
    .object({
      audiences: z.array(z.string()).optional(),
      expirationSeconds: z.int().default(lifetimeSecondsDefault),
      boundObjectRef: z.object({ kind: z.string(), apiVersion: z.string().optional(), name: z.string(), uid: z.string().optional() }).optional(),
    })
    .default({ expirationSeconds: lifetimeSecondsDefault }),
});
type BoundObjectRef = NonNullable<z.infer<typeof tokenRequestSchema>['spec']['boundObjectRef']>;

const tokenPath = /^\/api\/v1\/namespaces\/([^/]+)\/serviceaccounts\/([^/]+)\/token$/;

/** `POST …/serviceaccounts/{name}/token`: what a kubelet asks for a pod, and `kubectl create token` for a person. */
export function tokenRequest(tokens: TokenIssuer): VirtualEndpoint {
  return {
    matches: ({ method, path }) => method === 'POST' && tokenPath.test(path),
    answer({ path, body }, context) {
      const [, namespace = '', name = ''] = tokenPath.exec(path) ?? [];
      const parsed = tokenRequestSchema.safeParse(body ?? {});
      if (!parsed.success) throw badRequest(parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; '));
      const { spec } = parsed.data;
      refuseLifetime(spec.expirationSeconds);
      const { object: account } = existing(context, 'serviceaccounts', { namespace, name });
      const pod = spec.boundObjectRef === undefined ? undefined : boundPod(context, spec.boundObjectRef, account);
      const status = tokens.issue({ namespace, serviceAccount: boundTo(account), pod }, spec.expirationSeconds, spec.audiences);
      const metadata = { name, namespace, uid: account.metadata.uid, creationTimestamp: context.now };
      const told = { audiences: [tokenAudience], boundObjectRef: null, ...spec };
      return { status: 201, body: { kind: 'TokenRequest', apiVersion: 'authentication.k8s.io/v1', metadata, spec: told, status: { ...status } } };
    },
  };
}

function refuseLifetime(seconds: number): void {
  const fault = seconds < lifetimeSecondsMin ? 'less than 10 minutes' : seconds > 2 ** 32 ? 'larger than 2^32 seconds' : null;
  if (fault === null) return;
  const cause = invalidValue('spec.expirationSeconds', seconds, `may not specify a duration ${fault}`);
  throw invalid({ group: 'authentication.k8s.io', kind: 'TokenRequest' }, '', [cause]);
}

function boundPod(context: EndpointContext, ref: BoundObjectRef, account: KubernetesObject): BoundObject {
  if (ref.kind !== 'Pod') throw badRequest(`cannot bind token to object of type ${ref.apiVersion ?? ''}, Kind=${ref.kind}`);
  const { object: pod, type } = existing(context, 'pods', { namespace: account.metadata.namespace ?? '', name: ref.name });
  const runsAs = stringAt(objectAt(pod, 'spec'), 'serviceAccountName');
  if (runsAs !== account.metadata.name) {
    throw badRequest(`cannot bind token for serviceaccount "${account.metadata.name}" to pod running with different serviceaccount name.`);
  }
  const { uid } = boundTo(pod);
  if (ref.uid !== undefined && ref.uid !== uid) {
    const why = `the UID in the bound object reference (${ref.uid}) does not match the UID in record. The object might have been deleted and then recreated`;
    throw conflict({ ...type, plural: 'Pod' }, ref.name, why);
  }
  return { name: ref.name, uid };
}

interface Key {
  readonly namespace: string;
  readonly name: string;
}

function existing({ objects, types }: EndpointContext, plural: 'pods' | 'serviceaccounts', { namespace, name }: Key) {
  const type = types.find('', 'v1', plural);
  if (type === undefined) throw noSuchResource();
  const object = objects.get('', plural, namespace, name);
  if (object === undefined) throw notFound(type, name);
  return { object, type };
}

function boundTo({ metadata }: KubernetesObject): BoundObject {
  return { name: metadata.name, uid: metadata.uid ?? '' };
}
