import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { boundedText, cutText, keepEnd, mask, maskJson, maskSecrets, reasonSchema } from './text.ts';

const bytesOf = (text: string) => Buffer.byteLength(text, 'utf8');
const graphemes = fc.string({ unit: 'grapheme', maxLength: 200 });

describe('cutting text', () => {
  it.each([
    ['short', 10, 'short'],
    ['exactly 10', 10, 'exactly 10'],
    ['this is too long', 10, 'this [cut]'],
    ['ééééééé', 10, 'éé [cut]'],
    ['😀😀😀', 10, '😀 [cut]'],
    ['half \ud83d', 20, 'half \ufffd'],
  ])('%j to %d bytes', (text, bytesMax, cut) => {
    expect(cutText(text, bytesMax)).toBe(cut);
  });

  it('keeps the end of a log', () => {
    expect(keepEnd('short', 10)).toBe('short');
    expect(keepEnd('this is too long', 10)).toBe('[cut] long');
    expect(keepEnd('ééééééé', 11)).toBe('[cut] éé');
  });

  it('never exceeds the bound and never splits a character', () => {
    fc.assert(
      fc.property(graphemes, fc.integer({ min: 6, max: 300 }), (text, bytesMax) => {
        for (const cut of [cutText(text, bytesMax), keepEnd(text, bytesMax)]) {
          expect(bytesOf(cut)).toBeLessThanOrEqual(bytesMax);
          expect(cut.isWellFormed()).toBe(true);
        }
        expect(cutText(text, Math.max(bytesMax, bytesOf(text)))).toBe(text.toWellFormed());
      }),
    );
  });

  it('bounds and masks what goes into a status', () => {
    const text = boundedText(`token=${'x'.repeat(5_000)} ${'word '.repeat(1_000)}`);
    expect(text).toMatch(/^token=\[masked\] word .* \[cut\]$/);
    expect(bytesOf(text)).toBeLessThanOrEqual(1_024);
  });
});

// Made of pieces, so that no scanner takes this file for a leak.
const jwt = ['eyJhbGciOiJIUzI1NiJ9', 'eyJzdWIiOiIxMjM0NTY3ODkwIn0', 'dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U'].join('.');
const awsKeyId = ['AKIA', 'IOSFODNN7EXAMPLE'].join('');
const awsSecret = ['wJalrXUtnFEMI', 'K7MDENG', 'bPxRfiCYEXAMPLEKEY'].join('/');
const github = ['ghp', '16C7e42F292c6912E7710c838347Ae178B4a'].join('_');
const pem = ['-----BEGIN RSA PRIVATE KEY-----', 'MIIEpAIBAAKCAQEA', '-----END RSA PRIVATE KEY-----'].join('\n');

describe('masking secrets', () => {
  it.each([
    ['password=hunter2', 'password=[masked]'],
    ['password: hunter2, host: db', 'password: [masked] host: db'],
    ['DB_PASSWORD=hunter2 DB_HOST=db', 'DB_PASSWORD=[masked] DB_HOST=db'],
    ['{"password":"hunter2","user":"a"}', '{"password":"[masked]","user":"a"}'],
    ['{"password":"hun\\"ter2","user":"a"}', '{"password":"[masked]","user":"a"}'],
    [String.raw`"{\"apiKey\":\"hunter2\",\"user\":\"a\"}"`, String.raw`"{\"apiKey\":\"[masked]\",\"user\":\"a\"}"`],
    ["client_secret = 'hunter 2' next", "client_secret = '[masked]' next"],
    ['password="cut off', 'password="[masked]"'],
    ['password="cut off\\', 'password="[masked]"'],
    [String.raw`password=back\slash rest`, 'password=[masked] rest'],
    ['mysql --password hunter2 -h db', 'mysql --password [masked] -h db'],
    ['mysql --password=hunter2 -h db', 'mysql --password=[masked] -h db'],
    ['?api_key=hunter2&page=2', '?api_key=[masked]&page=2'],
    ['AccountName=a;AccountKey=hunter2==;EndpointSuffix=b', 'AccountName=a;AccountKey=[masked];EndpointSuffix=b'],
    ['postgres://kubernaut:hunter2@db:5432/audit', 'postgres://kubernaut:[masked]@db:5432/audit'],
    ['redis://:hunter2@cache:6379', 'redis://:[masked]@cache:6379'],
    ['mongodb+srv://u:p@ss@h/x', 'mongodb+srv://u:[masked]@h/x'],
    ['https://0123456789abcdef0123@git.example.com/x', 'https://[masked]@git.example.com/x'],
    ['Authorization: Bearer abcdefghijklmnop', 'Authorization: [masked]'],
    ['sent bearer abcdefghijklmnop to host', 'sent bearer [masked] to host'],
    ['sent Basic dXNlcjpodW50ZXIy to host', 'sent Basic [masked] to host'],
    ['Cookie: session=abc; theme=dark', 'Cookie: [masked]'],
    [`got ${jwt} there`, 'got [masked] there'],
    [`key ${awsKeyId} used`, 'key [masked] used'],
    [`it is ${awsSecret}.`, 'it is [masked].'],
    [`pushed with ${github}`, 'pushed with [masked]'],
    [`before ${pem} after`, 'before [masked] after'],
    ['before -----BEGIN PRIVATE KEY----- MIIEpAI', 'before [masked]'],
    [`blob ${'aB3'.repeat(20)}==`, 'blob [masked]'],
  ])('%s', (text, masked) => {
    expect(maskSecrets(text)).toBe(masked);
  });

  it.each([
    'Successfully scaled payment-api to 5 replicas',
    'deployment.apps/payment-api scaled (dry run)',
    'expected 5 replicas, got 3',
    'sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
    'rr-a1b2c3d4e5f6-0a1b2c-workflow-scale-deployment-rollback',
    'GET /apis/apps/v1/namespaces/production/deployments/payment-api-with-a-long-name/scale',
    'KubernetesExecution/rr-a1b2c3d4e5f6-0a1b2c-workflow-scale-deployment',
    'registry.k8s.io/kubectl:v1.36.3',
    'Secret "payment-api-tls" not found',
    'secretName: payment-api-tls',
    'tokens: 512 used',
    'https://prometheus.example.com:9090/graph?g0.expr=up',
    'Basic authentication failed',
    '1a2b3c4d-0000-4000-8000-000000000000',
    'deadline_exceeded: validating took longer than 5m',
  ])('leaves alone: %s', (text) => {
    expect(maskSecrets(text)).toBe(text);
  });

  it('hides a secret wherever it stands, and is done after one turn', () => {
    const names = ['password', 'API_KEY', 'client-secret', 'x-auth-token', 'aws_secret_access_key', 'passwd'];
    const shapes = ['NAME=VALUE', 'NAME: VALUE', '"NAME":"VALUE"', "NAME='VALUE'", String.raw`\"NAME\": \"VALUE\"`, '--NAME VALUE', 'x://u:VALUE@h'];
    const aSecret = fc.stringMatching(/^[A-Za-z0-9!#$%^*()_+]{12,30}$/);
    fc.assert(
      fc.property(fc.tuple(graphemes, graphemes), fc.constantFrom(...names), fc.constantFrom(...shapes), aSecret, ([left, right], name, shape, secret) => {
        const text = `${left} ${shape.replace('NAME', () => name).replace('VALUE', () => secret)} ${right}`;
        const masked = maskSecrets(text);
        expect(masked).not.toContain(secret);
        expect(maskSecrets(masked)).toBe(masked);
      }),
    );
  });

  it('reaches into JSON, and leaves its shape', () => {
    const value = {
      message: 'password=hunter2',
      env: [{ name: 'X', apiKey: 'hunter2' }],
      pin: { password: 12345, token: ['a', 'b'], secret: { secretName: 'tls' } },
      replicas: 5,
      absent: undefined,
    };
    expect(maskJson(value)).toEqual({
      message: 'password=[masked]',
      env: [{ name: 'X', apiKey: mask }],
      pin: { password: mask, token: mask, secret: { secretName: 'tls' } },
      replicas: 5,
      absent: undefined,
    });
  });
});

it.each([
  ['dry_run_failed', true],
  ['', true],
  ['DryRunFailed', false],
  ['a b', false],
])('%j is a reason: %s', (text, accepted) => {
  expect(reasonSchema.safeParse(text).success).toBe(accepted);
});
