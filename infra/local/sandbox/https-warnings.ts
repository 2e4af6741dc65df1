const runesMax = 4_096; // of all warnings of an answer, as a kube-apiserver bounds its header
const runesOfOneMax = 256; // once all of them together are longer

/** Values of `Warning` headers, as RFC 7234 has them. What holds a control character cannot be one and is left out. */
export function warningHeaders(warnings: readonly string[]): readonly string[] {
  const texts = warnings.filter((text) => text !== '' && !/\p{Cc}/u.test(text)).map((text) => [...text]);
  const isTooLong = texts.reduce((sum, runes) => sum + runes.length, 0) > runesMax;
  return (isTooLong ? shortened(texts) : texts).map((runes) => headerOf(runes.join('')));
}

function shortened(texts: readonly (readonly string[])[]): readonly (readonly string[])[] {
  return texts.map((runes) => runes.slice(0, runesOfOneMax)).slice(0, runesMax / runesOfOneMax);
}

/** Node writes a header byte by byte, so the text is given as the bytes of its UTF-8. */
function headerOf(text: string): string {
  return Buffer.from(`299 - "${text.replace(/["\\]/g, String.raw`\$&`)}"`, 'utf8').toString('latin1');
}
