/** The known word that was probably meant: at most a third of its letters away. Null when none is near. */
export function nearest(word: string, known: readonly string[]): string | null {
  return nearestOnes(word, known, 1)[0] ?? null;
}

/** All that were probably meant, at most so many, the nearest first. */
export function nearestOnes(word: string, known: readonly string[], countMax: number): readonly string[] {
  if (word.length > 63) return []; // no name of ours is longer, and the distance costs the product of both lengths
  return known
    .map((candidate) => ({ candidate, distance: editDistance(word, candidate) }))
    .filter(({ candidate, distance }) => distance <= Math.max(1, Math.floor(candidate.length / 3)))
    .toSorted((a, b) => a.distance - b.distance)
    .slice(0, countMax)
    .map(({ candidate }) => candidate);
}

/** Letters to insert, delete or replace (Levenshtein), one row at a time. */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (const [index, letter] of [...from].entries()) {
    const next = [index + 1];
    for (const [column, other] of [...to].entries()) {
      const replaced = (row[column] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(replaced, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
