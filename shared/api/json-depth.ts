/** Our deepest resource has a dozen levels, and a patch of a workload two dozen: what is deeper was made to exhaust whoever walks down it. */
export const jsonDepthMax = 100;

/** Does this JSON nest deeper than `jsonDepthMax`? Told from the text, without walking down anything. */
export function isNestedTooDeep(text: string): boolean {
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (character === '"') at = closingQuote(text, at);
    else if (character === '{' || character === '[') depth += 1;
    else if (character === '}' || character === ']') depth -= 1;
    if (depth > jsonDepthMax) return true;
  }
  return false;
}

/** Where the string that begins at `start` ends: at a quote that no odd number of backslashes precedes. */
export function closingQuote(text: string, start: number): number {
  let at = start;
  do at = text.indexOf('"', at + 1);
  while (at > 0 && isEscaped(text, at));
  return at < 0 ? text.length : at;
}

function isEscaped(text: string, quote: number): boolean {
  let before = quote;
  while (text[before - 1] === '\\') before -= 1;
  return (quote - before) % 2 === 1;
}
