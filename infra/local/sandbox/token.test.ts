import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tokenIssuer } from './token.ts';

const subject = { namespace: 'kubernaut-system', serviceAccount: { name: 'scale-deployment-sa', uid: 'sa1' }, pod: { name: 'ke-scale-1', uid: 'p1' } };

function issuerAt(startSeconds: number) {
  let seconds = startSeconds;
  return { issuer: tokenIssuer({ milliseconds: () => seconds * 1000 }), pass: (elapsed: number) => (seconds += elapsed) };
}

describe('a ServiceAccount token', () => {
  it('says who it was issued to, and until when it counts', () => {
    const { issuer } = issuerAt(1_768_473_320);
    const { token, expirationTimestamp } = issuer.issue(subject, 600);
    expect(issuer.verify(token)).toEqual(subject);
    expect(expirationTimestamp).toBe('2026-01-15T10:45:20Z');
  });

  it('ends at its expiry', () => {
    const { issuer, pass } = issuerAt(1_768_473_320);
    const { token } = issuer.issue(subject, 600);
    pass(599);
    expect(issuer.verify(token)).toEqual(subject);
    pass(1);
    expect(issuer.verify(token)).toBeNull();
  });

  it('counts only where it was issued', () => {
    const { token } = issuerAt(0).issuer.issue(subject, 600);
    expect(issuerAt(0).issuer.verify(token)).toBeNull();
  });

  it('is worth nothing once a character is changed', () => {
    const { issuer } = issuerAt(0);
    const { token } = issuer.issue(subject, 600);
    const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    // The last character of 32 bytes in base64url carries two spare bits: decoders may ignore them, we compare the text.
    fc.assert(
      fc.property(fc.nat(token.length - 1), fc.constantFrom(...digits), (at, digit) => {
        fc.pre(token[at] !== digit);
        expect(issuer.verify(token.slice(0, at) + digit + token.slice(at + 1))).toBeNull();
      }),
    );
  });

  it.each(['', '.', 'a.b.c', 'admin', '..'])('is not read from %j', (text) => {
    expect(issuerAt(0).issuer.verify(text)).toBeNull();
  });
});
