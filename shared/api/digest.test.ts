import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { alertFingerprint, canonicalJson, contentDigest, fingerprintHex, sha256Hex, startsAtHex, targetHash, uidHex, uuid5 } from './digest.ts';

describe('digests', () => {
  it('agree with the platform', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(sha256Hex(text)).toBe(createHash('sha256').update(text, 'utf8').digest('hex'));
      }),
    );
  });

  it.each([
    [{ b: 1, a: [true, null, 'x'] }, '{"a":[true,null,"x"],"b":1}'],
    [{ z: { b: 2, a: 1 }, absent: undefined }, '{"z":{"a":1,"b":2}}'],
    ['é"', '"é\\""'],
    [[], '[]'],
  ])('%j has one spelling', (value, text) => {
    expect(canonicalJson(value)).toBe(text);
  });

  it('do not depend on the order of keys', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        const reversed = Object.fromEntries(Object.entries(value).toReversed());
        expect(contentDigest(reversed)).toBe(contentDigest(value));
        expect(canonicalJson(JSON.parse(canonicalJson(value)))).toBe(canonicalJson(value));
      }),
    );
  });

  it.each([[Number.NaN], [() => 1], [1n], [Symbol('x')]])('refuse what JSON cannot say', (value) => {
    expect(() => canonicalJson(value)).toThrow(TypeError);
  });

  it('bind an approval to 64 hex digits', () => {
    expect(contentDigest({})).toMatch(/^sha256:[0-9a-f]{64}$/);
  });
});

describe('derived identities', () => {
  it('give one target one hash', () => {
    const target = { cluster: 'primary-cluster', namespace: 'production', kind: 'Deployment', name: 'payment-api' };
    expect(targetHash(target)).toBe(sha256Hex('primary-cluster/production/Deployment/payment-api').slice(0, 16));
    expect(targetHash({ cluster: 'c', kind: 'Node', name: 'n' })).toBe(targetHash({ cluster: 'c', namespace: '', kind: 'Node', name: 'n' }));
    expect(targetHash({ ...target, namespace: 'staging' })).not.toBe(targetHash(target));
  });

  it.each([
    ['a1b2c3d4e5f60718', 12, 'a1b2c3d4e5f6'],
    ['A1B2C3D4E5F60718', 12, 'a1b2c3d4e5f6'],
    ['a1b2c3d4e5f60718', 16, 'a1b2c3d4e5f60718'],
    ['prom-alert-xyz789', 12, sha256Hex('prom-alert-xyz789').slice(0, 12)],
    ['abc', 12, sha256Hex('abc').slice(0, 12)],
    ['', 12, sha256Hex('').slice(0, 12)],
  ])('fingerprint %j gives %d digits', (fingerprint, length, hex) => {
    expect(fingerprintHex(fingerprint, length)).toBe(hex);
  });

  it('give one firing one spelling', () => {
    expect(startsAtHex('2026-01-15T11:35:20.100+01:00')).toBe(startsAtHex('2026-01-15T10:35:20.1Z'));
    expect(startsAtHex('2026-01-15T10:35:20Z')).toBe(sha256Hex('2026-01-15T10:35:20Z').slice(0, 6));
    expect(startsAtHex('2026-01-15T10:35:20Z', 12)).toHaveLength(12);
  });

  it('know an alert without fingerprint by its source and labels', () => {
    expect(alertFingerprint('sns', { a: '1', b: '2' })).toBe(alertFingerprint('sns', { b: '2', a: '1' }));
    expect(alertFingerprint('sns', { a: '1' })).not.toBe(alertFingerprint('manual', { a: '1' }));
  });

  it.each([
    ['1A2B3C4D-0000-4000-8000-000000000000', '1a2b3c4d'],
    ['u1', sha256Hex('u1').slice(0, 8)],
  ])('uid %s gives %s', (uid, hex) => {
    expect(uidHex(uid)).toBe(hex);
  });

  it('are UUIDs of version 5, the same for the same name', () => {
    fc.assert(
      fc.property(fc.string(), (name) => {
        expect(uuid5(name)).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
        expect(uuid5(name)).toBe(uuid5(name));
      }),
    );
    // Fixed: another value would be a second id for every row already written.
    expect(uuid5('')).toBe('e62b2291-3bba-590d-aece-64b5a9b28143');
  });
});
