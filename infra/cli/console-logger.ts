import { maskSecrets } from '../../shared/api/text.ts';
import type { LogFields, Logger } from '../../shared/telemetry/logger.ts';
import { visible } from './visible.ts';

const told = ['function', 'error', 'message', 'reason', 'stack', 'errorClass', 'messageId'];

/** Log lines for people: `warn  ai-analysis: message retried: … (kind=AIAnalysis name=rr-1)`. Warnings and worse, or everything. */
export function createConsoleLogger(write: (line: string) => void, { verbose }: { readonly verbose: boolean }): Logger {
  const at =
    (level: string) =>
    (message: string, fields: LogFields = {}) => {
      write(`${level.padEnd(5)} ${lineOf(message, fields)}`);
    };
  const quiet = () => undefined;
  return { debug: verbose ? at('debug') : quiet, info: verbose ? at('info') : quiet, warn: at('warn'), error: at('error') };
}

function lineOf(message: string, fields: LogFields): string {
  const where = fields['function'] === undefined ? '' : `${textOf(fields['function'])}: `;
  const why = ['error', 'message', 'reason'].map((name) => textOf(fields[name])).filter((text) => text !== '');
  const rest = Object.entries(fields).filter(([name, value]) => !told.includes(name) && textOf(value) !== '');
  const aside = rest.length === 0 ? '' : ` (${rest.map(([name, value]) => `${name}=${textOf(value)}`).join(' ')})`;
  return `${where}${[message, ...why].join(': ')}${aside}`;
}

/** Each value is masked by itself: in a whole line "pass: reason" would look like a password. */
function textOf(value: LogFields[string]): string {
  if (value === undefined || value === null) return '';
  return visible(maskSecrets(typeof value === 'object' ? JSON.stringify(value) : String(value)));
}
