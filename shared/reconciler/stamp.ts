import { isKindName } from '../api/kinds.ts';
import { fieldManager, managedByLabel, remediationRequestLabel, traceparentAnnotation } from '../api/labels.ts';
import { labelValue } from '../api/names.ts';
import type { KubernetesObject } from '../api/object-ref.ts';
import type { Correlation } from './correlation.ts';

/** What everything that we make carries (api.md §12): who manages it, which remediation it serves, and on our kinds and Jobs its trace. What the room wrote wins. */
export function stamped(object: KubernetesObject, { requestName, traceparent }: Correlation): KubernetesObject {
  const { metadata, kind } = object;
  const request = labelValue(requestName);
  const labels = { [managedByLabel]: fieldManager, ...(request !== '' && { [remediationRequestLabel]: request }), ...metadata.labels };
  const isTraced = traceparent !== undefined && (isKindName(kind) || kind === 'Job');
  const annotations = isTraced ? { [traceparentAnnotation]: traceparent, ...metadata.annotations } : metadata.annotations;
  return { ...object, metadata: { ...metadata, labels, ...(annotations !== undefined && { annotations }) } };
}
