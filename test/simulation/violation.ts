/** A promise that was not kept: which one, and what was seen. */
export interface Violation {
  readonly check: string;
  readonly sentence: string;
}

export function violationsOf(check: string, sentences: readonly string[]): readonly Violation[] {
  return sentences.map((sentence) => ({ check, sentence }));
}

export function sentenceOf({ check, sentence }: Violation): string {
  return `${check}: ${sentence}`;
}
