import type { JsonObject, JsonValue } from '../../../../shared/api/json.ts';
import { parseQuantity } from '../../../../shared/actions/quantity.ts';

const decimalSuffixes = ['n', 'u', 'm', '', 'k', 'M', 'G', 'T', 'P', 'E'];
const binarySuffixes = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];
const nano = 1_000_000_000n;

/** As a kube-apiserver gives a quantity back: `1024Mi` as `1Gi`, `0.5` as `500m`, `1500000` as `1500k`. What is no quantity stays as it is. */
export function canonicalQuantity(value: JsonValue): JsonValue {
  const text = typeof value === 'number' ? String(value) : value;
  if (typeof text !== 'string') return value;
  const quantity = parseQuantity(text);
  if (quantity === null || /[eE][-+]?\d/.test(text)) return text; // an exponent is a notation of its own, and is kept
  if (quantity === 0n) return '0';
  const isBinary = text.endsWith('i') && quantity % nano === 0n && quantity / nano >= 1024n;
  return isBinary ? shortest(quantity / nano, 1024n, binarySuffixes) : shortest(quantity, 1000n, decimalSuffixes);
}

function shortest(amount: bigint, base: bigint, suffixes: readonly string[]): string {
  const [suffix = '', ...larger] = suffixes;
  return larger.length > 0 && amount % base === 0n ? shortest(amount / base, base, larger) : `${amount}${suffix}`;
}

/** Every value of a ResourceList. */
export function canonicalQuantities(list: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(list).map(([resource, value]) => [resource, canonicalQuantity(value ?? null)]));
}
