import * as z from 'zod';
import { bytesOf, isJsonObject, isWithinBytes, type JsonObject, type JsonValue } from './json.ts';

/** The bound of every sentence in a status, an Event or an audit row; an Event's own bound is 1,024 bytes. */
export const textBytesMax = 1024;
export const textSchema = z.string().max(textBytesMax);
/** snake_case, from the lists beside each kind. */
export const reasonSchema = z
  .string()
  .max(63)
  .regex(/^([a-z][a-z0-9_]*)?$/);

const cutMark = ' [cut]';

/** Masked and bounded: what may stand in a status, an Event or an audit row. */
export function boundedText(text: string): string {
  return cutText(maskSecrets(text), textBytesMax);
}

/** At most `bytesMax` bytes of UTF-8; what is longer ends in " [cut]". No character is split. */
export function cutText(text: string, bytesMax: number): string {
  const wellFormed = text.toWellFormed(); // half a surrogate pair is no UTF-8, and the API refuses it
  if (isWithinBytes(wellFormed, bytesMax)) return wellFormed;
  return takeBytes(wellFormed, bytesMax - cutMark.length) + cutMark;
}

/** The end of a log says why it ended: at most `bytesMax` bytes, what is longer begins with "[cut] ". */
export function keepEnd(text: string, bytesMax: number): string {
  const wellFormed = text.toWellFormed();
  if (isWithinBytes(wellFormed, bytesMax)) return wellFormed;
  const reversed = [...wellFormed].toReversed().join('');
  return `[cut] ${[...takeBytes(reversed, bytesMax - cutMark.length)].toReversed().join('')}`;
}

function takeBytes(text: string, bytesMax: number): string {
  let bytes = 0;
  let units = 0;
  for (const character of text) {
    bytes += bytesOf(character);
    if (bytes > bytesMax) break;
    units += character.length;
  }
  return text.slice(0, units);
}

export const mask = '[masked]';

interface Rule {
  readonly pattern: RegExp;
  readonly replacement: string;
}

// A mask that hides a harmless word costs a look at the source; a secret in a status is read by everyone. When in doubt, these hide.
// Every repetition is bounded or consumes to a fixed end, so that hostile text costs linear time.
const secretName = String.raw`(?:pass(?:word|wd|phrase)?|pwd|secret|token|credentials?|api[_-]?key|access[_-]?key(?:[_-]?id)?|account[_-]?key|shared[_-]?access[_-]?(?:key|signature)|private[_-]?key|secret[_-]?key|signing[_-]?key|encryption[_-]?key|session[_-]?key|auth[_-]?key|client[_-]?key)`;
const separator = String.raw`\\{0,15}["']?\s{0,4}(?:=>|:=|[:=])\s{0,4}`;

const rules: readonly Rule[] = [
  { pattern: /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY-----|$)/g, replacement: mask },
  // user and password in an address, or a token in their place
  { pattern: /\b([a-z][a-z0-9+.-]{0,30}:\/\/[^\s:/?#@"']{0,128}):[^\s"'<>]{1,512}@/gi, replacement: `$1:${mask}@` },
  { pattern: /\b([a-z][a-z0-9+.-]{0,30}:\/\/)[^\s:/?#@"']{16,512}@/gi, replacement: `$1${mask}@` },
  { pattern: /\b(authorization|cookie)(\\{0,3}["']?\s{0,4}[:=]\s{0,4}\\{0,3}["']?)[^\r\n"']+/gi, replacement: `$1$2${mask}` },
  { pattern: /\b(bearer)(\s{1,4})[A-Za-z0-9._~+/=-]{8,}/gi, replacement: `$1$2${mask}` },
  { pattern: /\b([Bb]asic)(\s{1,4})(?=[A-Za-z+/]{0,512}[A-Z0-9=])[A-Za-z0-9+/=]{8,}/g, replacement: `$1$2${mask}` },
  // JSON web tokens, then what AWS, GitHub, GitLab, Slack, Google, npm and model providers hand out
  { pattern: /\beyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]{5,}(?:\.[A-Za-z0-9_-]*)?/g, replacement: mask },
  { pattern: /\b(?:AKIA|ASIA|AIDA|AROA)[0-9A-Z]{16}\b/g, replacement: mask },
  { pattern: /\b(?:gh[opsru]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|glpat-[\w-]{16,}|npm_[A-Za-z0-9]{30,})/g, replacement: mask },
  { pattern: /\b(?:xox[abeoprs]-[\w-]{10,}|AIza[\w-]{30,}|sk-(?=[a-z0-9_-]{0,128}[A-Z])[\w-]{20,})/g, replacement: mask },
  // name and value: in escaped quotes, in quotes, bare, and as a flag of its own
  { pattern: new RegExp(`(${secretName}${separator})(\\\\{1,15}["'])[\\s\\S]*?(?:\\2|$)`, 'gi'), replacement: `$1$2${mask}$2` },
  { pattern: new RegExp(`(${secretName}${separator})"(?:[^"\\\\]|\\\\[\\s\\S])*(?:"|\\\\?$)`, 'gi'), replacement: `$1"${mask}"` },
  { pattern: new RegExp(`(${secretName}${separator})'(?:[^'\\\\]|\\\\[\\s\\S])*(?:'|\\\\?$)`, 'gi'), replacement: `$1'${mask}'` },
  { pattern: new RegExp(`(${secretName}${separator})(?!\\\\{1,15}["'])[^\\s;&"']+`, 'gi'), replacement: `$1${mask}` },
  { pattern: new RegExp(`(--?[a-z_-]{0,32}${secretName}\\s{1,4})[^\\s"'-][^\\s"']*`, 'gi'), replacement: `$1${mask}` },
];

const base64Run = /[A-Za-z0-9+/_-]{40,}={0,2}/g;

/** The same text with keys, tokens, passwords, connection strings and long base64 hidden. Masking twice changes nothing more. */
export function maskSecrets(text: string): string {
  const masked = rules.reduce((current, { pattern, replacement }) => current.replace(pattern, replacement), text);
  return masked.replace(base64Run, (run) => (looksRandom(run) ? mask : run));
}

/** Digests in hex, object names and API paths are long too: a secret mixes upper case, lower case and digits, names with dashes do not within one part. */
function looksRandom(run: string): boolean {
  const stretches = /[-_]/.test(run) ? run.split('/').filter((stretch) => stretch.length >= 16) : [run];
  return stretches.some((stretch) => /[a-z]/.test(stretch) && /[A-Z]/.test(stretch) && /\d/.test(stretch));
}

const secretKey = new RegExp(`${secretName}$|^(?:authorization|cookie|set-cookie)$`, 'i');

/**
 * The same JSON with every string masked, and hidden as a whole what stands under the name of a secret. An object there keeps its shape: a volume's
 * `secret` names a Secret and holds none.
 */
export function maskJson(value: JsonObject): JsonObject;
export function maskJson(value: JsonValue): JsonValue;
export function maskJson(value: JsonValue): JsonValue {
  if (typeof value === 'string') return maskSecrets(value);
  if (Array.isArray(value)) return value.map((item: JsonValue) => maskJson(item));
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, maskMember(key, member)]));
}

function maskMember(key: string, member: JsonValue | undefined): JsonValue | undefined {
  if (member === undefined) return undefined;
  const hidden = secretKey.test(key) && member !== '' && member !== null && typeof member !== 'boolean' && !isJsonObject(member);
  return hidden ? mask : maskJson(member);
}

/** `1 step`, `3 steps`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
