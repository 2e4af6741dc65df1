import { Option } from 'commander';
import { visible } from '../visible.ts';

export const OutputFormat = ['text', 'json'] as const;
export type OutputFormat = (typeof OutputFormat)[number];

export const outputOption = () =>
  new Option('-o, --output <format>', 'text for people, json for programs').choices(OutputFormat).default('text' satisfies OutputFormat);

/** Each is one line, whatever somebody else wrote into it. */
export function printLines(lines: readonly string[]): void {
  printStyledLines(lines.map(visible));
}

/** With colours in them, and of texts that were made visible before. */
export function printStyledLines(lines: readonly string[]): void {
  if (lines.length > 0) console.log(lines.join('\n'));
}

export function printJson(document: object): void {
  console.log(JSON.stringify(document, null, 2));
}
