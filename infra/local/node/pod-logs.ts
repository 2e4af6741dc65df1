/** Where the output of containers goes, to be kept for pods/log. */
export interface PodLogs {
  appendLog(podUid: string, container: string, text: string): void;
  /** The pod is gone. Absent where whoever keeps the logs sees that for itself. */
  forgetLogs?(podUid: string): void;
}
