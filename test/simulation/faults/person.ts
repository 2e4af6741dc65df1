import type { StoryStack } from '../../../infra/local/stack/story-stack.ts';
import { jobKind, listAll, requestKind } from '../../../infra/local/story/observe.ts';
import { voidAnnotation } from '../../../shared/api/labels.ts';
import type { KubernetesObject } from '../../../shared/api/object-ref.ts';
import { collectionPath } from '../../../shared/kubernetes/resource-path.ts';

const timeoutMilliseconds = 10_000;

/** What a person does just when a function dies. */
export async function actAtTheDeath({ admin }: Pick<StoryStack, 'admin'>, what: 'nothing' | 'cancel' | 'delete the Job'): Promise<void> {
  switch (what) {
    case 'nothing':
      return;
    case 'cancel':
      for (const request of await listAll(admin, requestKind)) {
        const body = { spec: { cancel: true } };
        await admin.send({ method: 'PATCH', path: pathOf(request), patchType: 'application/merge-patch+json', body }, timeoutMilliseconds);
      }
      return;
    case 'delete the Job':
      for (const job of await listAll(admin, jobKind)) {
        if (job.metadata.annotations?.[voidAnnotation] !== undefined) continue;
        await admin.send({ method: 'DELETE', path: pathOf(job), body: { propagationPolicy: 'Background' } }, timeoutMilliseconds);
      }
  }
}

function pathOf(object: KubernetesObject): string {
  return `${collectionPath(object, object.metadata.namespace)}/${object.metadata.name}`;
}
