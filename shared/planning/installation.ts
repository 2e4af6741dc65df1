/** What every gate has to know of where it stands. */
export interface Installation {
  /** The one cluster that this installation acts on. */
  readonly cluster: string;
  /** Where our own resources live; no action may touch it. */
  readonly namespace: string;
}
