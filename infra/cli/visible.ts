/** What moves a cursor, changes a colour, ends a line or turns the direction of writing, and no character of a word. */
const invisible = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;
const short: Readonly<Record<string, string>> = { '\n': String.raw`\n`, '\r': String.raw`\r`, '\t': String.raw`\t` };

/** Text that somebody else wrote, as a line for people: an alert, an Event or a name cannot write over what stands around it. */
export function visible(text: string): string {
  return text.replace(invisible, (character) => short[character] ?? `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`);
}

/** Every text of a report, whose lines are its own to break: a dry run is a line for each request. */
export function visibleTexts<Report>(report: Report): Report {
  return shown(report) as Report; // the same shape, other texts
}

function shown(value: unknown, mayHaveLines = false): unknown {
  if (typeof value === 'string') return mayHaveLines ? value.split('\n').map(visible).join('\n') : visible(value);
  if (Array.isArray(value)) return value.map((item) => shown(item, mayHaveLines));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, shown(member, key === 'dryRun')]));
}
