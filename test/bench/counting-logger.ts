import { withoutNames } from './without-names.ts';
import type { LogFields, Logger } from '../../shared/telemetry/logger.ts';

export interface CountingLogger {
  readonly logger: Logger;
  /** What was warned of, the most frequent first. */
  lines(): readonly string[];
}

const linesMax = 8;

/** Counts warnings and errors by what they say, ids and versions apart: under load some are as it should be, and many of one kind are not. */
export function countingLogger(): CountingLogger {
  const counts = new Map<string, number>();
  const note = (message: string, fields: LogFields = {}) => {
    const said = [fields['function'], message, fields['error'] ?? fields['message']].filter((part) => typeof part === 'string').join(': ');
    const kind = withoutNames(said);
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  };
  const quiet = () => undefined;
  return {
    logger: { debug: quiet, info: quiet, warn: note, error: note },
    lines: () =>
      [...counts]
        .toSorted(([, a], [, b]) => b - a)
        .slice(0, linesMax)
        .map(([kind, count]) => `  warned ${count} times: ${kind}`),
  };
}
