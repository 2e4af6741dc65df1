const warning = /\b\d{3} \S+ "((?:[^"\\]|\\.)*)"/g;

/** The texts of a `Warning` header, however many values were joined in it. Their bytes are UTF-8, which Node reads as Latin-1. */
export function warningTexts(header: string): readonly string[] {
  return [...header.matchAll(warning)].map(([, text = '']) => Buffer.from(text.replace(/\\(.)/g, '$1'), 'latin1').toString('utf8'));
}
