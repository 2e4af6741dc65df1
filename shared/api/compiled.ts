import * as z from 'zod';

const usesBeforeMax = 100; // generating a parser takes milliseconds, as long as a thousand parses: an instance that answers few never pays for it

/**
 * For a schema on a hot path: after some uses it is one whose parser zod has generated, three to seven times as fast for what is valid. What is
 * not valid is parsed by the schema itself once more, so that every issue reads the same.
 */
export function compiled<Schema extends z.ZodType>(schema: Schema): () => Schema {
  let uses = 0;
  let faster: Schema | undefined;
  return () => {
    if (faster !== undefined) return faster;
    uses += 1;
    if (uses > usesBeforeMax) faster = z.compile(schema);
    return faster ?? schema;
  };
}
