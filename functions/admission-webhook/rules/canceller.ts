import type { JsonObject } from '../../../shared/api/json.ts';
import { cancelledByAnnotation } from '../../../shared/api/labels.ts';
import { mapAt, valueAt } from '../../../shared/kubernetes/unstructured.ts';
import type { Review } from './review.ts';

/** Is it this write that cancels the request? The definition lets nobody take that back. */
export function cancels({ kind, object, oldObject }: Review): boolean {
  return kind === 'RemediationRequest' && valueAt(object, 'spec', 'cancel') === true && valueAt(oldObject, 'spec', 'cancel') !== true;
}

/** The request with the name of whoever cancels it by this write, whatever name came along. */
export function withCanceller({ object, user }: Review): JsonObject {
  const metadata = mapAt(object, 'metadata') as JsonObject;
  const annotations = mapAt(object, 'metadata', 'annotations') as JsonObject;
  return { ...object, metadata: { ...metadata, annotations: { ...annotations, [cancelledByAnnotation]: user.name } } };
}
