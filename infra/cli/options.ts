import { InvalidArgumentError } from 'commander';

const monitoringSecondsMax = 600; // KUBERNAUT_MONITORING_SECONDS takes no more

export function parseMonitoringSeconds(text: string): number {
  return wholeNumber(text, { what: 'seconds', max: monitoringSecondsMax });
}

const timeoutSecondsMax = 3_600;

export function parseTimeoutSeconds(text: string): number {
  return wholeNumber(text, { what: 'seconds', max: timeoutSecondsMax });
}

const countMax = 1_000_000;

export function parseCount(text: string): number {
  if (text === '0') throw new InvalidArgumentError('Give at least 1.');
  return wholeNumber(text, { what: 'how many', max: countMax });
}

export function parsePort(text: string): number {
  return wholeNumber(text, { what: 'a port; 0 is any that is free', max: 65_535 });
}

export function parseEndpoint(text: string): string {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) throw new InvalidArgumentError('Give an http or https URL, as http://127.0.0.1:4566.');
  return text;
}

/** SQS takes 80 characters in all, and our longest name is remediation-processings-dlq. */
export function parseQueuePrefix(text: string): string {
  if (!/^[A-Za-z0-9_-]{1,50}$/.test(text)) throw new InvalidArgumentError('Give 1 to 50 letters, digits, dashes or underscores.');
  return text;
}

function wholeNumber(text: string, { what, max }: { readonly what: string; readonly max: number }): number {
  const number = Number(text);
  if (!/^\d+$/.test(text) || number > max) throw new InvalidArgumentError(`Give a whole number from 0 to ${max}: ${what}.`);
  return number;
}
