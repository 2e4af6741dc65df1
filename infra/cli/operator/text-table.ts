/** Columns as wide as their widest cell, two spaces between them; the last one is not padded. */
export function textTable(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const lines = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...lines.map((line) => (line[column] ?? '').length)));
  return lines.map((line) =>
    line
      .map((cell, column) => (column === line.length - 1 ? cell : cell.padEnd(widths[column] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
}

/** `name` in a column of its own, and each line of `text` beside it. */
export function labelled(
  name: string,
  lines: readonly string[],
  { indent = 2, width = 10 }: { readonly indent?: number; readonly width?: number } = {},
): readonly string[] {
  return lines.map((line, index) => `${' '.repeat(indent)}${(index === 0 ? name : '').padEnd(width)} ${line}`.trimEnd());
}
