import * as z from 'zod';

/** Where a secret lies: AWS Secrets Manager, by its name or its ARN, or the SSM parameter store. */
export type SecretSource = string | { readonly parameter: string };

/** `what`: for whom it is missing, as the end of a sentence. */
export function secretSource(what: string) {
  const remedy = `give the name or the ARN of the secret that holds ${what}, or { parameter: <name in the SSM parameter store> }`;
  return z.union([z.string().min(1, `is empty: ${remedy}`), z.strictObject({ parameter: z.string().min(1) })], {
    error: ({ input }) => `${input === undefined ? 'is missing' : 'is neither'}: ${remedy}`,
  });
}

/** What a function is given as `…_SECRET`. Empty: it lies elsewhere. */
export function secretIdOf(source: SecretSource | undefined): string {
  return typeof source === 'string' ? source : '';
}

/** What a function is given as `…_PARAMETER`. Empty: it lies elsewhere. */
export function parameterNameOf(source: SecretSource | undefined): string {
  return typeof source === 'object' ? source.parameter : '';
}
