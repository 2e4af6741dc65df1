import './reflect.ts';
import { randomBytes, webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';

export interface Certificate {
  readonly certificatePem: string;
  readonly keyPem: string;
}

export interface CertificateWish {
  readonly commonName: string;
  /** An API server takes them for the groups of a user. */
  readonly organizations?: readonly string[];
  readonly usages: readonly ('server' | 'client')[];
  /** What a server is called beside 127.0.0.1. */
  readonly hostNames?: readonly string[];
}

/** A certificate authority that is made for one start; its key never leaves this process. */
export interface Authority {
  /** What those must trust who meet its certificates. */
  readonly caPem: string;
  issue(wish: CertificateWish): Promise<Certificate>;
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const validMilliseconds = 365 * 24 * 3_600_000; // longer than any server of one start runs
const clockSkewMilliseconds = 3_600_000;
const purposes = { server: x509.ExtendedKeyUsage.serverAuth, client: x509.ExtendedKeyUsage.clientAuth } as const;

export async function createAuthority(commonName: string, nowMilliseconds: number): Promise<Authority> {
  x509.cryptoProvider.set(webcrypto);
  const validity = { notBefore: new Date(nowMilliseconds - clockSkewMilliseconds), notAfter: new Date(nowMilliseconds + validMilliseconds) };
  const keys = await generateKeys();
  const authority = await x509.X509CertificateGenerator.createSelfSigned({
    ...validity,
    serialNumber: serialNumber(),
    name: [{ CN: [commonName] }],
    signingAlgorithm: algorithm,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });

  async function issue(wish: CertificateWish): Promise<Certificate> {
    const own = await generateKeys();
    const certificate = await x509.X509CertificateGenerator.create({
      ...validity,
      serialNumber: serialNumber(),
      subject: subjectOf(wish),
      issuer: authority.subject,
      signingAlgorithm: algorithm,
      publicKey: own.publicKey,
      signingKey: keys.privateKey,
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension(wish.usages.map((usage) => purposes[usage])),
        ...alternativeNames(wish),
        await x509.AuthorityKeyIdentifierExtension.create(keys.publicKey),
      ],
    });
    return { certificatePem: certificate.toString('pem'), keyPem: await privateKeyPem(own) };
  }

  return { caPem: authority.toString('pem'), issue };
}

export interface KeyPair {
  readonly publicKeyPem: string;
  readonly keyPem: string;
}

/** For signatures that no certificate stands behind: the tokens of ServiceAccounts. */
export async function createKeyPair(): Promise<KeyPair> {
  const keys = await generateKeys();
  const publicKey = await webcrypto.subtle.exportKey('spki', keys.publicKey);
  return { publicKeyPem: x509.PemConverter.encode(publicKey, 'PUBLIC KEY'), keyPem: await privateKeyPem(keys) };
}

function subjectOf({ commonName, organizations = [] }: CertificateWish): x509.JsonName {
  return [...organizations.map((organization) => ({ O: [organization] })), { CN: [commonName] }];
}

function alternativeNames({ usages, hostNames = [] }: CertificateWish): readonly x509.Extension[] {
  if (!usages.includes('server')) return [];
  return [new x509.SubjectAlternativeNameExtension([{ type: 'ip', value: '127.0.0.1' }, ...hostNames.map((value) => ({ type: 'dns' as const, value }))])];
}

async function privateKeyPem(keys: webcrypto.CryptoKeyPair): Promise<string> {
  return x509.PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY');
}

async function generateKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
}

/** Positive, as RFC 5280 wants it: the first bit is no sign. */
function serialNumber(): string {
  return `01${randomBytes(15).toString('hex')}`;
}
