import { expect, it } from 'vitest';
import { failureIn } from './osls.ts';

it.each<[sentence: string, printed: string, failure: string | undefined]>([
  [
    'a stage that is refused',
    'Packaging kubernaut\nError:\nCannot resolve serverless.yml:\n  - Received rejection: infra/cloud/stages/dev.yml: region is no region\n',
    'Cannot resolve serverless.yml: - Received rejection: infra/cloud/stages/dev.yml: region is no region',
  ],
  ['what we refuse ourselves', 'Error:\nError: audit-writer: the bundle has 947 KiB\n', 'Error: audit-writer: the bundle has 947 KiB'],
  ['nothing that is an error', 'Service deployed\n', undefined],
])('why the deployer failed is read from all that it printed: %s', (_sentence, printed, failure) => {
  expect(failureIn(printed)).toBe(failure);
});
