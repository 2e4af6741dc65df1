import type { Store } from './store.ts';

/** What containers have written, beside the store: the node appends, `pods/log` reads. */
export interface PodLogs {
  append(podUid: string, container: string, text: string): void;
  /** undefined: the container has written nothing yet. */
  read(podUid: string, container: string): string | undefined;
}

const keptCharactersMax = 10 * 1024 * 1024; // a kubelet rotates a container's log at 10 MiB

/** A pod's logs go with the pod. */
export function podLogs(store: Store): PodLogs {
  const logs = new Map<string, Map<string, string>>();
  store.observe(({ type, kind, object }) => {
    if (kind === 'DELETED' && type.plural === 'pods' && type.group === '') logs.delete(object.metadata.uid ?? '');
  });
  return {
    append(podUid, container, text) {
      const containers = logs.get(podUid) ?? new Map<string, string>();
      containers.set(container, `${containers.get(container) ?? ''}${text}`.slice(-keptCharactersMax));
      logs.set(podUid, containers);
    },
    read: (podUid, container) => logs.get(podUid)?.get(container),
  };
}
