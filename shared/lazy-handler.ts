/**
 * A Lambda entry that is composed by its first invocation and kept for those after it. What could not be composed is tried again by the next one:
 * a secret that cannot be read now may be readable then, and an instance that remembered the failure would fail until it is replaced.
 */
export function lazily<Given extends readonly unknown[], Answer>(
  compose: () => Promise<(...given: Given) => Promise<Answer>>,
): (...given: Given) => Promise<Answer> {
  let composed: ReturnType<typeof compose> | undefined;
  return async (...given) => {
    composed ??= compose().catch((error: unknown) => {
      composed = undefined;
      throw error;
    });
    return (await composed)(...given);
  };
}
