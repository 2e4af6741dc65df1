/** Where the output of containers goes; the sandbox keeps it for pods/log. */
export interface PodLogs {
  appendLog(podUid: string, container: string, text: string): void;
}
