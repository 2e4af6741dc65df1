import { Option } from 'commander';

export const OutputFormat = ['text', 'json'] as const;
export type OutputFormat = (typeof OutputFormat)[number];

export const outputOption = () =>
  new Option('-o, --output <format>', 'text for people, json for programs').choices(OutputFormat).default('text' satisfies OutputFormat);

export function printLines(lines: readonly string[]): void {
  if (lines.length > 0) console.log(lines.join('\n'));
}

export function printJson(document: object): void {
  console.log(JSON.stringify(document, null, 2));
}
