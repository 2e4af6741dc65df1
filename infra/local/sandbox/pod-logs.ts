import { createContainerLogs, type ContainerLogs } from '../container-logs.ts';
import type { Store } from './store.ts';

/** Beside the store: a pod's logs go with the pod. */
export function podLogs(store: Store): ContainerLogs {
  const logs = createContainerLogs();
  store.observe(({ type, kind, object }) => {
    if (kind === 'DELETED' && type.plural === 'pods' && type.group === '') logs.forget(object.metadata.uid ?? '');
  });
  return logs;
}
