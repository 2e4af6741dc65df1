import * as z from 'zod';
import { isDnsLabel, isDnsSubdomain } from '../api/names.ts';
import { parseQuantity } from './quantity.ts';
import { WorkloadKind } from './workload.ts';

// What parameters are made of. None begins with '-' or holds a control character: each becomes (part of) one argument of kubectl.

/** An absent value and a wrong one get their own words; neither echoes what was given, which may be hostile. */
export function mustBe(what: string): { readonly error: (issue: { readonly input: unknown }) => string } {
  return { error: ({ input }) => (input === undefined ? `is missing: it must be ${what}` : `must be ${what}`) };
}

export const namespaceSchema = dnsLabel('a namespace: at most 63 lower-case letters, digits or dashes (a DNS-1123 label)').describe('Namespace of the target.');

export function nameSchema(of: string) {
  const what = `the name of a ${of}: at most 253 lower-case letters, digits, dashes or dots (a DNS-1123 subdomain)`;
  return z.string(mustBe(what)).refine(isDnsSubdomain, mustBe(what)).describe(`Name of the ${of}.`);
}

export const containerSchema = dnsLabel('the name of a container: at most 63 lower-case letters, digits or dashes (a DNS-1123 label)').describe(
  'Name of the container.',
);

export const workloadKindSchema = z.enum(WorkloadKind, mustBe(`one of ${WorkloadKind.join(', ')}`)).describe('Kind of the workload.');

export function wholeNumberSchema(min: number, max: number) {
  const what = `a whole number from ${min} to ${max}`;
  return z.int(mustBe(what)).min(min, mustBe(what)).max(max, mustBe(what));
}

const quantityLengthMax = 32; // 2^63 in billionths has 28 digits

/** An amount of memory above zero, by the grammar of Kubernetes quantities and without a sign. */
export const memorySchema = z.string(mustBe(memoryWords())).max(quantityLengthMax, mustBe(memoryWords())).refine(isAmount, mustBe(memoryWords()));

/**
 * Set by `undo` only, and dropped from recommendations: the values stood there before, so the limits on growth, and the direction in
 * which an action may go, do not apply. What protects others (budgets, autoscalers, quota) still does.
 */
export const restoreSchema = z.literal(true, { error: 'must be true or left out' }).optional().describe('Set by an undo: the values stood there before.');

function dnsLabel(what: string) {
  return z.string(mustBe(what)).refine(isDnsLabel, mustBe(what));
}

function isAmount(text: string): boolean {
  const quantity = /^[0-9.]/.test(text) ? parseQuantity(text) : null;
  return quantity !== null && quantity > 0n;
}

function memoryWords(): string {
  return 'an amount of memory such as 512Mi or 1Gi (a Kubernetes quantity above zero)';
}
