/** What containers have written: the node appends, `pods/log` reads. */
export interface ContainerLogs {
  append(podUid: string, container: string, text: string): void;
  /** undefined: the container has written nothing yet. */
  read(podUid: string, container: string): string | undefined;
  /** The pod is gone, and its logs with it. */
  forget(podUid: string): void;
}

const keptCharactersMax = 10 * 1024 * 1024; // a kubelet rotates a container's log at 10 MiB

export function createContainerLogs(): ContainerLogs {
  const logs = new Map<string, Map<string, string>>();
  return {
    append(podUid, container, text) {
      const containers = logs.get(podUid) ?? new Map<string, string>();
      containers.set(container, `${containers.get(container) ?? ''}${text}`.slice(-keptCharactersMax));
      logs.set(podUid, containers);
    },
    read: (podUid, container) => logs.get(podUid)?.get(container),
    forget(podUid) {
      logs.delete(podUid);
    },
  };
}

export interface LogBounds {
  readonly tailLines: number | undefined;
  readonly limitBytes: number | undefined;
}

/** The last lines, and of those the first bytes, as a kubelet cuts them. */
export function cutLog(text: string, { tailLines, limitBytes }: LogBounds): string {
  const tail = tailLines === undefined ? text : lastLines(text, tailLines);
  return limitBytes === undefined ? tail : Buffer.from(tail).subarray(0, limitBytes).toString();
}

function lastLines(text: string, count: number): string {
  const lines = text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
  return count === 0 ? '' : lines.slice(-count).join('');
}
