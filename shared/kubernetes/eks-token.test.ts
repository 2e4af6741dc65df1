import { createHash, createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { AwsCredentials } from './aws-access.ts';
import { eksTokens } from './eks-token.ts';

const start = Date.parse('2026-01-15T10:35:20Z');
const credentials: AwsCredentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' };

/** A clock that stands where it is put, and tokens of a cluster by it. */
function aWorld({
  region = 'eu-central-1',
  provide = async () => credentials,
}: { readonly region?: string; readonly provide?: () => Promise<AwsCredentials> } = {}) {
  let now = start;
  const clock = { now: () => '', milliseconds: () => now, sleep: async () => undefined };
  const tokens = eksTokens('production', { region, credentials: provide }, clock);
  return { tokens, passMinutes: (minutes: number) => (now += minutes * 60_000) };
}

function urlIn(token: string): URL {
  expect(token).toMatch(/^k8s-aws-v1\.[A-Za-z0-9_-]+$/);
  return new URL(Buffer.from(token.slice('k8s-aws-v1.'.length), 'base64url').toString('utf8'));
}

const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest();
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const encoded = (text: string) => encodeURIComponent(text).replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);

/** Signature Version 4 of a presigned GET, from AWS's description of it and from nothing of the SDK. */
function signatureOf(url: URL, headers: Readonly<Record<string, string>>, { secretAccessKey }: AwsCredentials): string {
  const parameters = [...url.searchParams].filter(([name]) => name !== 'X-Amz-Signature').map(([name, value]) => `${encoded(name)}=${encoded(value)}`);
  const names = Object.keys(headers).toSorted();
  const canonicalHeaders = names.map((name) => `${name}:${headers[name]}\n`).join('');
  const canonical = ['GET', url.pathname, parameters.toSorted().join('&'), canonicalHeaders, names.join(';'), sha256('')].join('\n');
  const [, day = '', region = '', service = ''] = (url.searchParams.get('X-Amz-Credential') ?? '').split('/');
  const scope = `${day}/${region}/${service}/aws4_request`;
  const key = [day, region, service, 'aws4_request'].reduce<string | Buffer>((secret, part) => hmac(secret, part), `AWS4${secretAccessKey}`);
  return hmac(key as Buffer, ['AWS4-HMAC-SHA256', url.searchParams.get('X-Amz-Date'), scope, sha256(canonical)].join('\n')).toString('hex');
}

describe('a token for EKS', () => {
  it('is a signed question to STS, which only the cluster of its name can send', async () => {
    const url = urlIn(await aWorld().tokens.token());
    expect(url.origin).toBe('https://sts.eu-central-1.amazonaws.com');
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      Action: 'GetCallerIdentity',
      Version: '2011-06-15',
      'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
      'X-Amz-Credential': 'AKIDEXAMPLE/20260115/eu-central-1/sts/aws4_request',
      'X-Amz-Date': '20260115T103520Z',
      'X-Amz-Expires': '60',
      'X-Amz-SignedHeaders': 'host;x-k8s-aws-id',
    });
    const signature = url.searchParams.get('X-Amz-Signature');
    expect(signature).toBe(signatureOf(url, { host: url.host, 'x-k8s-aws-id': 'production' }, credentials));
    expect(signature).not.toBe(signatureOf(url, { host: url.host, 'x-k8s-aws-id': 'another' }, credentials));
  });

  it('carries the session of a role in what is signed', async () => {
    const session = { ...credentials, sessionToken: 'a/session+token==' };
    const url = urlIn(await aWorld({ provide: async () => session }).tokens.token());
    expect(url.searchParams.get('X-Amz-Security-Token')).toBe('a/session+token==');
    expect(url.searchParams.get('X-Amz-Signature')).toBe(signatureOf(url, { host: url.host, 'x-k8s-aws-id': 'production' }, credentials));
  });

  it.each<[region: string, host: string]>([
    ['us-gov-west-1', 'sts.us-gov-west-1.amazonaws.com'],
    ['cn-north-1', 'sts.cn-north-1.amazonaws.com.cn'],
    ['eusc-de-east-1', 'sts.eusc-de-east-1.amazonaws.eu'],
  ])('is for the STS of its region: %s', async (region, host) => {
    expect(urlIn(await aWorld({ region }).tokens.token()).host).toBe(host);
  });

  it('is kept while it is good and made anew before its 15 minutes end', async () => {
    const { tokens, passMinutes } = aWorld();
    const first = await tokens.token();
    passMinutes(11);
    expect(await tokens.token()).toBe(first);
    passMinutes(1);
    const second = await tokens.token();
    expect(urlIn(second).searchParams.get('X-Amz-Date')).toBe('20260115T104720Z');
  });

  it('does not outlive the credentials that signed it', async () => {
    const { tokens, passMinutes } = aWorld({ provide: async () => ({ ...credentials, expiration: new Date(start + 8 * 60_000) }) });
    const first = await tokens.token();
    passMinutes(4);
    expect(await tokens.token()).toBe(first);
    passMinutes(1);
    expect(await tokens.token()).not.toBe(first);
  });

  it('is made anew when the cluster refused it', async () => {
    const { tokens, passMinutes } = aWorld();
    const first = await tokens.token();
    passMinutes(1);
    tokens.forget();
    expect(await tokens.token()).not.toBe(first);
  });

  it('needs credentials, and says where they come from', async () => {
    const { tokens } = aWorld({ provide: () => Promise.reject(new Error('Could not load credentials from any providers')) });
    await expect(tokens.token()).rejects.toThrow(/^there are no AWS credentials to reach EKS with \(Could not load.*\): give the function an execution role/);
  });
});
