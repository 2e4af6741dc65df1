import { closingQuote } from '../../shared/api/json-depth.ts';

const depthMax = 32; // a notification needs four
const keyLengthShown = 63;

/**
 * What a parser passes over in silence: a key that stands twice in one object, of which readers take the first or the last as they like, and
 * nesting that only an attack has. `text` parses as JSON. Null: nothing.
 */
export function jsonFault(text: string): string | null {
  const open: Level[] = [];
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (character === '{') open.push(new Set());
    else if (character === '[') open.push(null);
    else if (character === '}' || character === ']') open.pop();
    else if (character === '"') {
      const end = closingQuote(text, at) + 1;
      const twice = keyTwice(open.at(-1) ?? null, text, at, end);
      if (twice !== null) return `${shown(twice)}: this key is there twice in one object: send each once`;
      at = end - 1;
    }
    if (open.length > depthMax) return `the body is nested deeper than ${depthMax} levels: send Alertmanager's own webhook payload, without a template`;
  }
  return null;
}

/** The keys so far of an object around a place; null for a list. */
type Level = Set<string> | null;

/** The string from `start` to `end` is a key that this object has already; else it is remembered, if it is a key at all. */
function keyTwice(keys: Level, text: string, start: number, end: number): string | null {
  if (keys === null || !isKey(text, end)) return null;
  const spelt = text.slice(start + 1, end - 1);
  const key = spelt.includes('\\') ? (JSON.parse(text.slice(start, end)) as string) : spelt; // spelt in one way, or with escapes
  if (keys.has(key)) return key;
  keys.add(key);
  return null;
}

function isKey(text: string, end: number): boolean {
  let at = end;
  while (isSpace(text.charCodeAt(at))) at += 1;
  return text[at] === ':';
}

/** Of JSON. */
function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
}

/** It comes from outside and ends in an answer. */
function shown(key: string): string {
  return key.replace(/[^ -~]/g, '?').slice(0, keyLengthShown);
}
