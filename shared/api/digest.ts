import { sha1 } from '@noble/hashes/legacy.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, concatBytes, hexToBytes, utf8ToBytes } from '@noble/hashes/utils.js';
import { canonicalInstant, type Instant } from './time.ts';

// A library in plain JavaScript: deciding code is pure and may not import node:crypto.

export function sha256Hex(text: string): string {
  return bytesToHex(sha256(utf8ToBytes(text)));
}

/** JSON with sorted keys and no blanks: equal values give equal text. Absent fields are left out. Throws TypeError on what JSON cannot say. */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return JSON.stringify(value);
  if (typeof value === 'number' && Number.isFinite(value)) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map((item: unknown) => canonicalJson(item ?? null)).join(',')}]`;
  if (typeof value === 'object') return `{${sortedMembers(value).join(',')}}`;
  throw new TypeError(`JSON cannot say a ${typeof value}`);
}

function sortedMembers(value: object): readonly string[] {
  const members = value as Readonly<Record<string, unknown>>;
  return Object.keys(members)
    .filter((key) => members[key] !== undefined)
    .toSorted()
    .map((key) => `${JSON.stringify(key)}:${canonicalJson(members[key])}`);
}

export interface TargetIdentity {
  readonly cluster: string;
  /** Absent or "" for an object of the whole cluster. */
  readonly namespace?: string | undefined;
  readonly kind: string;
  readonly name: string;
}

/** 16 hex: the label and the Lease by which two requests know that they mean the same object. */
export function targetHash({ cluster, namespace = '', kind, name }: TargetIdentity): string {
  return sha256Hex(`${cluster}/${namespace}/${kind}/${name}`).slice(0, 16);
}

/** The first `length` hex digits of a fingerprint; of its SHA-256 if it is not hex or is too short. */
export function fingerprintHex(fingerprint: string, length = 12): string {
  const hex = fingerprint.toLowerCase();
  const usable = /^[0-9a-f]+$/.test(hex) && hex.length >= length;
  return (usable ? hex : sha256Hex(fingerprint)).slice(0, length);
}

/** The first `length` hex digits for a firing: however Alertmanager spells the same startsAt, the digits are the same. */
export function startsAtHex(startsAt: Instant, length = 6): string {
  return sha256Hex(canonicalInstant(startsAt)).slice(0, length);
}

/** For an alert that came without a fingerprint: source and sorted labels say which alert it is. */
export function alertFingerprint(source: string, labels: Readonly<Record<string, string>>): string {
  return sha256Hex(canonicalJson({ source, labels }));
}

/** The digest that an approval is bound to: `sha256:` and 64 hex over canonical JSON. */
export function contentDigest(value: unknown): string {
  return `sha256:${sha256Hex(canonicalJson(value))}`;
}

/** The first eight hex digits of a uid; of its SHA-256 if it is not a UUID. */
export function uidHex(uid: string): string {
  const start = uid.slice(0, 8).toLowerCase();
  return /^[0-9a-f]{8}$/.test(start) ? start : sha256Hex(uid).slice(0, 8);
}

// Fixed for ever: another namespace would give every audit row of a redelivered message a second id.
const uuidNamespace = '5d0c4a52-6c1e-5b0a-9f4e-6b75626e6175';

/** UUID version 5 (RFC 9562) in our own namespace: the same name always gives the same id. */
export function uuid5(name: string): string {
  const digest = sha1(concatBytes(hexToBytes(uuidNamespace.replaceAll('-', '')), utf8ToBytes(name)));
  const hex = bytesToHex(digest.slice(0, 16));
  const variant = ((Number.parseInt(hex.slice(16, 18), 16) & 0x3f) | 0x80).toString(16);
  return [hex.slice(0, 8), hex.slice(8, 12), `5${hex.slice(13, 16)}`, `${variant}${hex.slice(18, 20)}`, hex.slice(20, 32)].join('-');
}
