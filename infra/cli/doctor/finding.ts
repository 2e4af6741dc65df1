export const FindingStatus = ['ok', 'warn', 'fail'] as const;
export type FindingStatus = (typeof FindingStatus)[number];

/** One fact about the installation. */
export interface Finding {
  readonly check: string;
  readonly status: FindingStatus;
  readonly message: string;
  /** What to do about it; empty where nothing is to be done, or the message says so itself. */
  readonly remedy: string;
}

export type Verdict = Omit<Finding, 'check'>;

export function ok(message: string): Verdict {
  return { status: 'ok', message, remedy: '' };
}

/** It works, but not as it should; or it could not be looked at. */
export function warn(message: string, remedy: string): Verdict {
  return { status: 'warn', message, remedy };
}

/** Remediations do not happen, or may harm. */
export function fail(message: string, remedy: string): Verdict {
  return { status: 'fail', message, remedy };
}
