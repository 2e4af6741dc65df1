import * as z from 'zod';
import { bytesOf } from './json.ts';
import { maskSecrets } from './masking.ts';

/** The bound of every sentence in a status, an Event or an audit row; an Event's own bound is 1,024 bytes. */
export const textBytesMax = 1024;
export const textSchema = z.string().max(textBytesMax);
/** snake_case, from the lists beside each kind. */
export const reasonSchema = z.string().max(63).regex(/^([a-z][a-z0-9_]*)?$/);

const cutMark = ' [cut]';

/** Masked and bounded: what may stand in a status, an Event or an audit row. */
export function boundedText(text: string): string {
  return cutText(maskSecrets(text), textBytesMax);
}

/** At most `bytesMax` bytes of UTF-8; what is longer ends in " [cut]". No character is split. */
export function cutText(text: string, bytesMax: number): string {
  const wellFormed = text.toWellFormed(); // half a surrogate pair is no UTF-8, and the API refuses it
  if (bytesOf(wellFormed) <= bytesMax) return wellFormed;
  return takeBytes(wellFormed, bytesMax - cutMark.length) + cutMark;
}

/** The end of a log says why it ended: at most `bytesMax` bytes, what is longer begins with "[cut] ". */
export function keepEnd(text: string, bytesMax: number): string {
  const wellFormed = text.toWellFormed();
  if (bytesOf(wellFormed) <= bytesMax) return wellFormed;
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
