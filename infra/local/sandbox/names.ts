import type { Cause } from './extension.ts';
import type { ResourceType } from './resource-types.ts';

/** Kinds whose names are path segments, not DNS names: `system:controller:job-controller`. */
const pathSegmentNames = new Set(['roles', 'rolebindings', 'clusterroles', 'clusterrolebindings']);
const labelNames = new Set(['namespaces', 'services']);

const subdomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const label = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;

export function nameCauses(type: ResourceType, name: string): readonly Cause[] {
  const fault = nameFault(type, name);
  return fault === null ? [] : [{ reason: 'FieldValueInvalid', message: `Invalid value: ${JSON.stringify(name)}: ${fault}`, field: 'metadata.name' }];
}

function nameFault({ plural }: ResourceType, name: string): string | null {
  if (pathSegmentNames.has(plural)) return /^\.{1,2}$|[/%]/.test(name) ? "may not be '.' or '..' and may not contain '/' or '%'" : null;
  if (labelNames.has(plural)) {
    if (name.length > 63) return 'must be no more than 63 characters';
    return label.test(name)
      ? null
      : "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character";
  }
  if (name.length > 253) return 'must be no more than 253 characters';
  return subdomain.test(name)
    ? null
    : "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character";
}

const suffixAlphabet = 'bcdfghjklmnpqrstvwxz2456789'; // no vowels: a random name spells no word
const suffixLength = 5;
const nameLengthMax = 63 - suffixLength;

/** `job-` → `job-x7k2p`. The randomness is the uuid's, so a seeded world makes the same names again. */
export function generatedName(prefix: string, uuid: string): string {
  const bytes = uuid.replaceAll('-', '').match(/../g) ?? [];
  const suffix = bytes.slice(0, suffixLength).map((byte) => suffixAlphabet.charAt(Number.parseInt(byte, 16) % suffixAlphabet.length));
  return `${prefix.slice(0, nameLengthMax)}${suffix.join('')}`;
}
