const letters = 'bcdfghjklmnpqrstvwxz2456789'; // Kubernetes' own: no vowels, so that no word comes out
const suffixLength = 5;

/** `payment-api-7c9d-` → `payment-api-7c9d-x2kqf`. `random`: 0 to below 1. */
export function randomName(prefix: string, random: () => number): string {
  const suffix = Array.from({ length: suffixLength }, () => letters.charAt(Math.floor(random() * letters.length)));
  return `${prefix.slice(0, 253 - suffixLength)}${suffix.join('')}`;
}
