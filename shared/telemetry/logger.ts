import { Logger as PowertoolsLogger } from '@aws-lambda-powertools/logger';
import { cutText, maskSecrets } from '../api/text.ts';
import type { Environment } from '../environment.ts';

/** Flat on purpose: a whole object does not fit, so none reaches a log. */
export type LogValue = string | number | boolean | null | undefined | readonly string[] | Readonly<Record<string, number>>;
export type LogFields = Readonly<Record<string, LogValue>>;

/** One call is one line of JSON. */
export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

const stringBytesMax = 4_096; // a stack fits, a body does not

/** `service`: the function's name. Strings are masked and cut on the way out. */
export function createLogger(service: string, level: Environment['KUBERNAUT_LOG_LEVEL']): Logger {
  const logger = new PowertoolsLogger({ serviceName: service, logLevel: level === 'silent' ? 'SILENT' : upper[level] });
  const least = levelNames.indexOf(logger.getLevelName()); // the platform may have set another than ours
  // What is not written is not tidied either: masking a line costs more than many a decision.
  const line = (name: keyof Logger): Logger[typeof name] =>
    levelNames.indexOf(upper[name]) < least
      ? silence
      : (message, fields) => {
          logger[name](message, tidy(fields));
        };
  return { debug: line('debug'), info: line('info'), warn: line('warn'), error: line('error') };
}

export const silentLogger: Logger = { debug: silence, info: silence, warn: silence, error: silence };

/** What a line says of an error. Its stack leads to the place where a bug was met. */
export function errorFields(error: unknown): LogFields {
  if (!(error instanceof Error)) return { error: String(error), errorClass: typeof error };
  const cause = error.cause instanceof Error ? error.cause.message : undefined;
  return { error: error.message, errorClass: error.name, stack: error.stack, ...(cause !== undefined && { cause }) };
}

const levelNames: readonly string[] = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'CRITICAL', 'SILENT'];
const upper = { debug: 'DEBUG', info: 'INFO', warn: 'WARN', error: 'ERROR' } as const;

function tidy(fields: LogFields = {}): Record<string, LogValue> {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, tidyValue(value)]));
}

function tidyValue(value: LogValue): LogValue {
  if (typeof value === 'string') return cutText(maskSecrets(value), stringBytesMax);
  if (isTexts(value)) return value.map((text) => cutText(maskSecrets(text), stringBytesMax));
  return value;
}

function isTexts(value: LogValue): value is readonly string[] {
  return Array.isArray(value);
}

function silence(): void {
  // A twin for tests and for a quiet command line.
}
