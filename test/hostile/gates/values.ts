import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { z } from 'zod';
import { seed } from '../sweep.ts';

/** Texts by whom they would deceive, and what is no text at all; of those some are harmless where a number is wanted: 5e0 is five. */
const corpusSchema = z.object({ texts: z.record(z.string(), z.array(z.string())), others: z.array(z.string()) });
const { texts, others } = corpusSchema.parse(JSON.parse(readFileSync(join(import.meta.dirname, 'values.json'), 'utf8')));

// Made anew with each seed: mixtures of what is dangerous with what is allowed.
const unit = fc.constantFrom(...'ab09-./\\$(){};|&`"\' \n\t\u0000\u001b=*~\u202e\u200bＡа\ud800%!<>');
const mixtures = fc.sample(fc.string({ unit, minLength: 1, maxLength: 24 }), { seed, numRuns: 120 });

// Every value is JSON as text, since that is how it comes in: 1e999, -0 and a number of a thousand digits are no values of JavaScript yet.

/** Each once. */
export const hostileTexts: readonly string[] = [...new Set([...Object.values(texts).flat(), ...mixtures].map((text) => JSON.stringify(text)))];
export const hostileValues: readonly string[] = [...new Set([...hostileTexts, ...others])];
