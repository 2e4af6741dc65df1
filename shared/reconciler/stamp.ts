import { isKindName } from '../api/kinds.ts';
import { fieldManager, managedByLabel, remediationRequestLabel, requestedByAnnotation, traceparentAnnotation } from '../api/labels.ts';
import { labelValue } from '../api/names.ts';
import type { KubernetesObject } from '../api/object-ref.ts';
import type { Correlation } from './correlation.ts';

/**
 * What everything that we make carries (api.md §12): who manages it, which remediation it serves, on our kinds and Jobs its trace, and on our
 * kinds who asked for it by hand. What the room wrote wins.
 */
export function stamped(object: KubernetesObject, { requestName, traceparent, requestedBy }: Correlation): KubernetesObject {
  const { metadata, kind } = object;
  const request = labelValue(requestName);
  const labels = { [managedByLabel]: fieldManager, ...(request !== '' && { [remediationRequestLabel]: request }), ...metadata.labels };
  const inherited = {
    ...(traceparent !== undefined && (isKindName(kind) || kind === 'Job') && { [traceparentAnnotation]: traceparent }),
    ...(requestedBy !== undefined && isKindName(kind) && { [requestedByAnnotation]: requestedBy }),
  };
  const annotations = { ...inherited, ...metadata.annotations };
  return { ...object, metadata: { ...metadata, labels, ...(Object.keys(annotations).length > 0 && { annotations }) } };
}
