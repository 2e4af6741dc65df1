import { X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createAuthority } from './authority.ts';

const now = Date.parse('2026-01-15T10:34:00Z');

describe('an authority of one start', () => {
  it('issues what its certificate vouches for, and no other authority does', async () => {
    const [ours, another] = await Promise.all([createAuthority('ca', now), createAuthority('ca', now)]);
    const { certificatePem } = await ours.issue({ commonName: 'kubernetes', usages: ['server'], hostNames: ['localhost'] });
    const certificate = new X509Certificate(certificatePem);
    expect(certificate.verify(new X509Certificate(ours.caPem).publicKey)).toBe(true);
    expect(certificate.verify(new X509Certificate(another.caPem).publicKey)).toBe(false);
    expect(new X509Certificate(ours.caPem).ca).toBe(true);
    expect(certificate.ca).toBe(false);
  });

  it('names a server by loopback and what it is called', async () => {
    const authority = await createAuthority('ca', now);
    const certificate = new X509Certificate((await authority.issue({ commonName: 'kubernetes', usages: ['server'], hostNames: ['localhost'] })).certificatePem);
    expect(certificate.checkIP('127.0.0.1')).toBe('127.0.0.1');
    expect(certificate.checkHost('localhost')).toBe('localhost');
    expect(certificate.checkHost('example.com')).toBeUndefined();
  });

  it('tells a client by user and groups, and lets it serve nothing', async () => {
    const authority = await createAuthority('ca', now);
    const { certificatePem, keyPem } = await authority.issue({
      commonName: 'kubernetes-admin',
      organizations: ['system:masters', 'people'],
      usages: ['client'],
    });
    const certificate = new X509Certificate(certificatePem);
    expect(certificate.subject.split('\n')).toEqual(['O=system:masters', 'O=people', 'CN=kubernetes-admin']);
    expect(certificate.keyUsage).toEqual(['1.3.6.1.5.5.7.3.2']);
    expect(certificate.subjectAltName).toBeUndefined();
    expect(keyPem).toMatch(/^-----BEGIN PRIVATE KEY-----/);
  });

  it('holds for the clock of whoever compares, a little behind or a year ahead', async () => {
    const authority = await createAuthority('ca', now);
    const certificate = new X509Certificate((await authority.issue({ commonName: 'x', usages: ['client'] })).certificatePem);
    expect(Date.parse(certificate.validFrom)).toBe(now - 3_600_000);
    expect(Date.parse(certificate.validTo)).toBe(now + 365 * 86_400_000);
  });
});
