type Factors = Readonly<Record<string, Readonly<Record<string, object>>>>;

/** A choice of each factor, by name. */
export type Row = Readonly<Record<string, string>>;

/**
 * Rows in which every two choices of two factors meet at least once: what a template gets wrong it gets wrong by one switch or by two
 * together, and all combinations would be thousands. Greedy, so the number of rows is near the least, and always the same.
 */
export function pairwise(factors: Factors): readonly Row[] {
  const all = combinationsOf(Object.entries(factors).map(([name, choices]) => [name, Object.keys(choices)] as const));
  const missing = new Set(all.flatMap(pairsOf));
  const rows: Row[] = [];
  while (missing.size > 0) {
    const gain = (row: Row) => pairsOf(row).filter((pair) => missing.has(pair)).length;
    const best = all.reduce((leader, row) => (gain(row) > gain(leader) ? row : leader));
    for (const pair of pairsOf(best)) missing.delete(pair);
    rows.push(best);
  }
  return rows;
}

function combinationsOf(factors: readonly (readonly [name: string, choices: readonly string[]])[]): readonly Row[] {
  return factors.reduce<readonly Row[]>((rows, [name, choices]) => rows.flatMap((row) => choices.map((choice) => ({ ...row, [name]: choice }))), [{}]);
}

function pairsOf(row: Row): readonly string[] {
  const choices = Object.entries(row).map(([name, choice]) => `${name}=${choice}`);
  return choices.flatMap((first, index) => choices.slice(index + 1).map((second) => `${first} ${second}`));
}
