import type { JsonObject, JsonValue } from '../../shared/api/json.ts';
import type { KubernetesObject } from '../../shared/api/object-ref.ts';
import { successOf } from '../../shared/kubernetes/cluster.ts';
import type { ApiResponse, Transport } from '../../shared/kubernetes/request.ts';
import { collectionPath, objectPath } from '../../shared/kubernetes/resource-path.ts';
import { stringAt } from '../../shared/kubernetes/unstructured.ts';
import { createObject } from '../../infra/local/stack/install.ts';

const callMilliseconds = 10_000;
const attemptsMax = 200; // an API server goes on asking for some milliseconds after nobody is registered any more

const registrations = ['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration'].map((kind) => ({
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind,
  name: 'kubernaut-admission',
}));

/** Creates an object as if it had been stored before the API server asked the admission-webhook about any: meanwhile nobody is registered. Throws ApiError. */
export async function createBeforeAdmission(admin: Transport, object: KubernetesObject): Promise<void> {
  const kept: KubernetesObject[] = [];
  try {
    for (const key of registrations) {
      const { status, body } = await admin.send({ method: 'GET', path: objectPath(key) }, callMilliseconds);
      if (status !== 200) continue;
      kept.push(body as unknown as KubernetesObject);
      await admin.send({ method: 'DELETE', path: objectPath(key) }, callMilliseconds);
    }
    await createOnceNobodyIsAsked(admin, object);
  } finally {
    for (const registration of kept) await createObject(admin, asRegistered(registration));
  }
}

async function createOnceNobodyIsAsked(admin: Transport, object: KubernetesObject): Promise<void> {
  const request = { method: 'POST', path: collectionPath(object, object.metadata.namespace), body: object as unknown as JsonValue } as const;
  let answer = await admin.send(request, callMilliseconds);
  for (let attempt = 1; attempt < attemptsMax && isDenied(answer); attempt += 1) answer = await admin.send(request, callMilliseconds);
  successOf(request, answer);
}

function isDenied({ body }: ApiResponse): boolean {
  return stringAt(body, 'message')?.startsWith('admission webhook ') === true;
}

/** Without what the server alone decides. */
function asRegistered(registration: KubernetesObject): KubernetesObject {
  const { name, labels } = registration.metadata;
  const { metadata: _metadata, ...rest } = registration as unknown as JsonObject;
  return { ...rest, metadata: { name, labels } } as unknown as KubernetesObject;
}
