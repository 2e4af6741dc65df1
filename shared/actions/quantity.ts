/** A Kubernetes quantity in billionths, its finest scale: exact where a float is not. */
export type Quantity = bigint;

const nano = 1_000_000_000n;

const suffixes: Readonly<Record<string, bigint>> = {
  n: 1n,
  u: 1_000n,
  m: 1_000_000n,
  '': nano,
  k: nano * 1_000n,
  M: nano * 1_000n ** 2n,
  G: nano * 1_000n ** 3n,
  T: nano * 1_000n ** 4n,
  P: nano * 1_000n ** 5n,
  E: nano * 1_000n ** 6n,
  Ki: nano * 1_024n,
  Mi: nano * 1_024n ** 2n,
  Gi: nano * 1_024n ** 3n,
  Ti: nano * 1_024n ** 4n,
  Pi: nano * 1_024n ** 5n,
  Ei: nano * 1_024n ** 6n,
};

// Digits and exponent are bounded, so that hostile text costs no giant number; Kubernetes itself stops at 2^63.
const grammar = /^([+-]?)(\d{0,19})(?:\.(\d{0,19}))?(?:([eE][+-]?\d{1,2})|([numkMGTPE]|[KMGTPE]i))?$/;

/** By the grammar of the API: "512Mi", "1.5Gi", "1e9", "1073741824". Below a billionth it rounds away from zero. Null for anything else. */
export function parseQuantity(text: string): Quantity | null {
  const match = grammar.exec(text);
  if (match === null) return null;
  const [, sign = '', whole = '', fraction = '', exponent, suffix = ''] = match;
  if (whole === '' && fraction === '') return null;
  const digits = BigInt(whole + fraction);
  const amount =
    exponent === undefined
      ? divideUp(digits * (suffixes[suffix] ?? nano), 10n ** BigInt(fraction.length))
      : withExponent(digits, Number(exponent.slice(1)) - fraction.length);
  return sign === '-' ? -amount : amount;
}

export function compareQuantities(a: Quantity, b: Quantity): -1 | 0 | 1 {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

const binarySuffixes = ['Ei', 'Pi', 'Ti', 'Gi', 'Mi', 'Ki'] as const;

/** As a person writes memory: the largest binary suffix that says it exactly, else bytes, rounded up. */
export function formatMemory(quantity: Quantity): string {
  const exact = binarySuffixes.find((suffix) => quantity !== 0n && quantity % (suffixes[suffix] ?? nano) === 0n);
  return exact === undefined ? String(divideUp(quantity, nano)) : `${quantity / (suffixes[exact] ?? nano)}${exact}`;
}

function withExponent(digits: bigint, exponent: number): bigint {
  return exponent >= 0 ? digits * nano * 10n ** BigInt(exponent) : divideUp(digits * nano, 10n ** BigInt(-exponent));
}

function divideUp(dividend: bigint, divisor: bigint): bigint {
  return (dividend + divisor - 1n) / divisor;
}
