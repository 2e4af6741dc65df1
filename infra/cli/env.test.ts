import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shellQuoted } from './env.ts';

describe('a value for a shell', () => {
  it('is what the shell reads, whatever is in it', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom("'", '"', '$', '`', '\\', ' ', '\n', ';', '!', 'a', 'ä') }), (text) => {
        const printed = execFileSync('/bin/sh', ['-c', `printf %s ${shellQuoted(text)}`], { encoding: 'utf8' });
        expect(printed).toBe(text);
      }),
      { numRuns: 50 },
    );
  });
});
