import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clusterCheck } from '../../infra/cli/doctor/cluster.ts';
import { databaseCheck } from '../../infra/cli/doctor/database.ts';
import { patientOf } from '../../infra/cli/doctor/doctor.ts';
import { examine } from '../../infra/cli/doctor/examine.ts';
import type { Check } from '../../infra/cli/doctor/patient.ts';
import { aCommandLine, type CommandLine, type Ended } from '../support/command-line.ts';
import { anUnkindCloud, type ClusterUnkindness, type DatabaseUnkindness, type UnkindCloud } from '../support/unkind-cloud.ts';

let cloud: UnkindCloud;
let commandLine: CommandLine;
beforeAll(async () => {
  [cloud, commandLine] = await Promise.all([anUnkindCloud(), aCommandLine()]);
});
afterAll(() => Promise.all([cloud.close(), commandLine.close()]));

type Variables = Readonly<Record<string, string>>;
const prefix = 'https://sqs.eu-central-1.amazonaws.com/123456789012/kubernaut-dev-';
const strangerPrefix = 'http://127.0.0.1:1/123456789012/kubernaut-dev-';
const keys = { AWS_ACCESS_KEY_ID: 'id', AWS_SECRET_ACCESS_KEY: 'key' };
const nobody = { AWS_EC2_METADATA_DISABLED: 'true' }; // else the SDK asks a machine of EC2, which this is not

/** Nothing of a shell but what the row names. */
const kubernaut = (argv: readonly string[], variables: Variables): Promise<Ended> => commandLine.run(argv, { ...nobody, ...variables });

/** The queues as they are answered by AWS with the error of that name. */
const answered = (error: string) => () => ({ ...keys, KUBERNAUT_QUEUE_URL_PREFIX: prefix, AWS_ENDPOINT_URL_SQS: cloud.aws(error) });
const queuesInTrouble: readonly (readonly [sentence: string, variables: () => Variables, code: number, message: string])[] = [
  [
    'nobody is logged in',
    () => ({ KUBERNAUT_QUEUE_URL_PREFIX: prefix }),
    1,
    'there are no AWS credentials (Could not load credentials from any providers): log in with aws sso login, or set AWS_PROFILE',
  ],
  [
    'a profile is not there',
    () => ({ KUBERNAUT_QUEUE_URL_PREFIX: prefix, AWS_PROFILE: 'night' }),
    1,
    'the AWS profile night has no credentials (Could not load credentials from any providers): log in with aws sso login --profile night, or set AWS_PROFILE to another',
  ],
  [
    'no region is said',
    () => ({ ...keys, KUBERNAUT_QUEUE_URL_PREFIX: strangerPrefix }),
    1,
    `no AWS region is set, and ${strangerPrefix} names none: set AWS_REGION, as AWS_REGION=eu-central-1`,
  ],
  [
    'the region cannot be one',
    () => ({ ...keys, AWS_REGION: 'eu central 1', KUBERNAUT_QUEUE_URL_PREFIX: strangerPrefix }),
    1,
    'the AWS region cannot be one (Region not accepted: region="eu central 1" is not a valid hostname component): set AWS_REGION to the name of a region, as eu-central-1',
  ],
  [
    'the prefix is no host of AWS, and no endpoint is named',
    () => ({ ...keys, AWS_REGION: 'eu-central-1', KUBERNAUT_QUEUE_URL_PREFIX: strangerPrefix }),
    1,
    `${strangerPrefix} is no host of AWS, and is not reached (connect ECONNREFUSED 127.0.0.1:1): correct KUBERNAUT_QUEUE_URL_PREFIX, or set AWS_ENDPOINT_URL_SQS to where these queues are`,
  ],
  [
    'an endpoint does not answer',
    () => ({ ...keys, KUBERNAUT_QUEUE_URL_PREFIX: prefix, AWS_ENDPOINT_URL: cloud.nowhere }),
    1,
    `${prefix}alerts is not reached (connect ECONNREFUSED 127.0.0.1:1) at http://127.0.0.1:1: check AWS_ENDPOINT_URL, and that its server runs`,
  ],
  [
    'an endpoint is no URL',
    () => ({ ...keys, KUBERNAUT_QUEUE_URL_PREFIX: prefix, AWS_ENDPOINT_URL_SQS: '127.0.0.1:4566' }),
    1,
    'AWS_ENDPOINT_URL_SQS is 127.0.0.1:4566, which is no http or https URL: give one as http://127.0.0.1:4566',
  ],
  [
    'the prefix is no web address',
    () => ({ ...keys, KUBERNAUT_QUEUE_URL_PREFIX: 'ftp://example/kubernaut-dev-' }),
    2,
    `ftp://example/kubernaut-dev- is no beginning of a URL: give one as ${prefix}`,
  ],
  [
    'the shell is in another region than the queues, which are asked in their own',
    () => ({ ...answered('QueueDoesNotExist')(), AWS_REGION: 'us-east-1' }),
    1,
    `there is no queue ${prefix}alerts: check KUBERNAUT_QUEUE_URL_PREFIX (its region, account and stage), or deploy the stage first`,
  ],
  [
    'a login has ended',
    answered('ExpiredToken'),
    1,
    'AWS does not accept the credentials (the words of ExpiredToken): log in again, or take others with AWS_PROFILE',
  ],
  [
    'a key is unknown',
    answered('InvalidClientTokenId'),
    1,
    'AWS does not accept the credentials (the words of InvalidClientTokenId): log in again, or take others with AWS_PROFILE',
  ],
  [
    'the clock of this machine is wrong',
    answered('RequestExpired'),
    1,
    'AWS does not accept the time of this machine (the words of RequestExpired): let an NTP client set its clock',
  ],
  ['the user may not', answered('AccessDenied'), 1, 'not permitted: the words of AccessDenied; ask whoever administers the account for that action'],
  [
    'something else listens at the endpoint',
    answered('page'),
    1,
    `is answered by something that is not SQS (Unexpected token '<', "<html>log in</html>" is not valid JSON): check AWS_ENDPOINT_URL_SQS, and that its server runs`,
  ],
];

describe('queues', () => {
  it.each(queuesInTrouble)('tells in one line that %s', async (_sentence, variables, code, message) => {
    const { stdout, stderr, ...ended } = await kubernaut(['queues'], variables());
    expect({ ...ended, stdout }).toEqual({ code, stdout: '' });
    expect(stderr).toMatch(/^error: [^\n]*\n$/);
    expect(stderr).toContain(message);
  });

  it('are told of by redrive in the same words', async () => {
    for (const [_sentence, variables, code, message] of [queuesInTrouble[0], queuesInTrouble[4], queuesInTrouble[9]].filter((row) => row !== undefined)) {
      const ended = await kubernaut(['redrive'], variables());
      expect(ended).toEqual({ code, stdout: '', stderr: `error: ${message}\n` });
    }
  });
});

const variable = 'KUBERNAUT_DATABASE_URL_FILE';
const databasesInTrouble: readonly (readonly [unkindness: DatabaseUnkindness, problem: RegExp, remedy: string])[] = [
  [
    'no TLS',
    /^the audit database at 127\.0\.0\.1:\d+ refuses TLS$/,
    `turn TLS on at the server (ssl = on, and a certificate), or, since it is on this machine, set sslmode=disable in the address in ${variable}`,
  ],
  [
    'untrusted',
    /^the certificate of the audit database at localhost:\d+ is not trusted \(.*\)$/,
    `set sslrootcert=<file of its authority> in the address in ${variable}; for an RDS set database.trustsAmazon in the stage`,
  ],
  [
    'no PostgreSQL',
    /^the audit database at 127\.0\.0\.1:\d+ ends the connection before it answers \(.*\)$/,
    `see that host and port in ${variable} are those of PostgreSQL, and what its log says`,
  ],
  [
    'away',
    /^the audit database at 127\.0\.0\.1:1 is not reached \(connect ECONNREFUSED 127\.0\.0\.1:1\)$/,
    `check host and port in ${variable}, that the server runs, and that it is reached from here (VPC, security group)`,
  ],
  [
    'no such host',
    /^the host x+\.example of the audit database is not found \(getaddrinfo \w+ x+\.example\)$/,
    `correct the host in ${variable}; a private name is known inside of its VPC only`,
  ],
  [
    '28P01',
    /^the audit database at 127\.0\.0\.1:\d+ does not take the password of user kubernaut \(password authentication failed .*\)$/,
    `put the right one into ${variable}`,
  ],
  [
    '3D000',
    /^the audit database at 127\.0\.0\.1:\d+ has no database 3D000 \(database "kubernaut" does not exist\)$/,
    `create it, or correct the name at the end of the address in ${variable}`,
  ],
  [
    '28000',
    /^the audit database at 127\.0\.0\.1:\d+ does not let user kubernaut in \(no pg_hba\.conf entry .*\)$/,
    `name another user in ${variable}, or let this one in (pg_hba.conf)`,
  ],
];

const secretsInTrouble: readonly (readonly [sentence: string, variables: () => Variables, message: string])[] = [
  [
    'is in no secret',
    () => ({
      ...keys,
      KUBERNAUT_DATABASE_URL_SECRET: 'kubernaut/dev/database-url',
      AWS_ENDPOINT_URL_SECRETS_MANAGER: cloud.aws('ResourceNotFoundException'),
    }),
    'KUBERNAUT_DATABASE_URL_SECRET: AWS Secrets Manager does not give kubernaut/dev/database-url (the words of ResourceNotFoundException): make it, or correct its name; it is looked for in the region of AWS_REGION',
  ],
  [
    'is in a secret that may not be read',
    () => ({ ...keys, KUBERNAUT_DATABASE_URL_SECRET: 'kubernaut/dev/database-url', AWS_ENDPOINT_URL_SECRETS_MANAGER: cloud.aws('AccessDeniedException') }),
    'KUBERNAUT_DATABASE_URL_SECRET: AWS Secrets Manager does not give kubernaut/dev/database-url (the words of AccessDeniedException): allow secretsmanager:GetSecretValue of it to who reads it (and kms:Decrypt, where its key is your own)',
  ],
  [
    'is in no parameter',
    () => ({ ...keys, KUBERNAUT_DATABASE_URL_PARAMETER: '/kubernaut/dev/database-url', AWS_ENDPOINT_URL_SSM: cloud.aws('ParameterNotFound') }),
    'KUBERNAUT_DATABASE_URL_PARAMETER: the SSM parameter store does not give /kubernaut/dev/database-url (the words of ParameterNotFound): make it, or correct its name; it is looked for in the region of AWS_REGION',
  ],
  [
    'is in a parameter that may not be read',
    () => ({ ...keys, KUBERNAUT_DATABASE_URL_PARAMETER: '/kubernaut/dev/database-url', AWS_ENDPOINT_URL_SSM: cloud.aws('AccessDeniedException') }),
    'KUBERNAUT_DATABASE_URL_PARAMETER: the SSM parameter store does not give /kubernaut/dev/database-url (the words of AccessDeniedException): allow ssm:GetParameter of it to who reads it (and kms:Decrypt, where its key is your own)',
  ],
  [
    'is in a secret, and nobody is logged in',
    () => ({ KUBERNAUT_DATABASE_URL_SECRET: 'kubernaut/dev/database-url' }),
    'KUBERNAUT_DATABASE_URL_SECRET: AWS Secrets Manager does not give kubernaut/dev/database-url (Could not load credentials from any providers): give the function a role, or log in with aws sso login or set AWS_PROFILE',
  ],
];

/** What doctor says of one part, asked in this process. */
async function said(check: Check, variables: Variables): Promise<readonly object[]> {
  return examine([check], await patientOf({ systemNamespace: 'kubernaut-system', output: 'json' }, variables));
}

/** What doctor says of one part, as a command. */
async function found(check: string, variables: Variables): Promise<readonly object[]> {
  const { code, stdout, stderr } = await kubernaut(['doctor', '--output', 'json'], variables);
  expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
  const { items } = JSON.parse(stdout) as { readonly items: readonly { readonly check: string }[] };
  return items.filter((item) => item.check === check);
}

describe('the audit database', () => {
  it.each(databasesInTrouble)('is told of by migrate and doctor alike: %s', async (unkindness, problem, remedy) => {
    const file = cloud.databaseFile(unkindness);
    const { stdout, stderr, ...ended } = await kubernaut(['migrate', '--database-url-file', file], {});
    expect({ ...ended, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr.endsWith(`: ${remedy}\n`)).toBe(true);
    expect(stderr.slice('error: '.length, -`: ${remedy}\n`.length)).toMatch(problem);
    expect(await said(databaseCheck, { KUBERNAUT_DATABASE_URL_FILE: file })).toEqual([
      { check: 'database', status: 'fail', message: expect.stringMatching(problem), remedy },
    ]);
  });

  it.each(secretsInTrouble)('%s', async (_sentence, variables, message) => {
    const given = { AWS_REGION: 'eu-central-1', ...variables() };
    expect(await kubernaut(['migrate'], given)).toEqual({ code: 1, stdout: '', stderr: `error: ${message}\n` });
  });

  it('is in a secret that doctor may not read', async () => {
    const endpoint = cloud.aws('AccessDeniedException');
    const given = { ...keys, AWS_REGION: 'eu-central-1', KUBERNAUT_DATABASE_URL_SECRET: 'database-url', AWS_ENDPOINT_URL_SECRETS_MANAGER: endpoint };
    const message = expect.stringMatching(
      /^KUBERNAUT_DATABASE_URL_SECRET: AWS Secrets Manager does not give database-url \(.*\): allow secretsmanager:GetSecretValue /,
    );
    expect(await found('database', given)).toEqual([{ check: 'database', status: 'fail', message, remedy: '' }]);
  });

  it('is in a secret of a region that nobody names', async () => {
    const ended = await kubernaut(['migrate'], { ...keys, KUBERNAUT_DATABASE_URL_SECRET: 'database-url' });
    const message = 'AWS Secrets Manager does not give database-url (Region is missing): set AWS_REGION, as AWS_REGION=eu-central-1';
    expect(ended).toEqual({ code: 1, stdout: '', stderr: `error: KUBERNAUT_DATABASE_URL_SECRET: ${message}\n` });
  });
});

const clustersInTrouble: readonly (readonly [unkindness: ClusterUnkindness, message: RegExp])[] = [
  ['expired token', /^the API does not accept the credentials of the kubeconfig: log in again, or take another with --kubeconfig$/],
  ['a page', /^GET \S+: status 200 without an object of Kubernetes: something else answers there, give the address of the API server itself$/],
  [
    'untrusted',
    /^the certificate of the Kubernetes API at \S+ is not of the authority in the kubeconfig \(.*\): write the kubeconfig of this cluster anew\. Another one is taken with --kubeconfig or KUBECONFIG$/,
  ],
  [
    'away',
    /^the Kubernetes API at \S+ cannot be reached \(connect ECONNREFUSED 127\.0\.0\.1:1\): is it running, and is this the kubeconfig you mean\? Another one is taken with --kubeconfig or KUBECONFIG$/,
  ],
  ['no TLS', /^the Kubernetes API at \S+ cannot be reached \(what listens there does not speak TLS\): is it running/],
  ['no https', /^the server of the kubeconfig is http:\S+, which is no https URL: give one as https:\S+$/],
  [
    'no command',
    /^the command kubernaut-no-such-command, from which the kubeconfig takes its credentials, gives none \(spawn \S+ ENOENT\): see that it is installed and that you are logged in\. Another one is taken with --kubeconfig or KUBECONFIG$/,
  ],
  [
    'a login that ended',
    /^the command sh, from which the kubeconfig takes its credentials, gives none \(The SSO session has ended\): see that it is installed and that you are logged in\. Another one is taken with --kubeconfig or KUBECONFIG$/,
  ],
];

describe('the cluster', () => {
  it.each(clustersInTrouble)('is told of by approvals and doctor: %s', async (unkindness, message) => {
    const given = { KUBECONFIG: cloud.kubeconfig(unkindness) };
    const { stdout, stderr, ...ended } = await kubernaut(['approvals'], given);
    expect({ ...ended, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^error: [^\n]*\n$/);
    expect(stderr.slice('error: '.length, -1)).toMatch(message);
    expect(await said(clusterCheck, given)).toEqual([{ check: 'cluster', status: 'fail', message: expect.stringMatching(message), remedy: '' }]);
  });
});

describe('doctor', () => {
  it.each<[sentence: string, variables: () => Variables, message: string, remedy: string]>([
    [
      'tells once what is so with every queue',
      () => ({ KUBERNAUT_QUEUE_URL_PREFIX: prefix }),
      'there are no AWS credentials (Could not load credentials from any providers): log in with aws sso login, or set AWS_PROFILE',
      '',
    ],
    [
      'says how many queues are denied alike',
      answered('AccessDenied'),
      'not permitted: the words of AccessDenied; ask whoever administers the account for that action; so it is with 13 other queues',
      '',
    ],
    [
      'says that none of the queues is there',
      answered('QueueDoesNotExist'),
      `there is none of the queues at ${prefix}`,
      'check KUBERNAUT_QUEUE_URL_PREFIX (its region, account and stage), or deploy the stage first',
    ],
  ])('%s', async (_sentence, variables, message, remedy) => {
    expect(await found('queues', variables())).toEqual([{ check: 'queues', status: 'fail', message, remedy }]);
  });
});

describe('docs/operations.md', () => {
  const operations = readFileSync(join(import.meta.dirname, '../../docs/operations.md'), 'utf8');
  const [, section = ''] = operations.split('### What it says, and what to do\n');
  const [table = ''] = section.split('\n## ');
  const stems = [...table.matchAll(/^\| (`[^|]*`) \|/gm)].flatMap(([, cell = '']) => [...cell.matchAll(/`([^`]+)`/g)].map(([, stem = '']) => stem));
  const told = [
    ...queuesInTrouble.map(([, , , message]) => message),
    ...databasesInTrouble.map(([, problem]) => problem.source),
    ...secretsInTrouble.map(([, , message]) => message),
    ...clustersInTrouble.map(([, message]) => message.source),
  ].join('\n');

  it('tells of what is printed', () => {
    expect(stems.length).toBeGreaterThan(15);
  });
  it.each(stems)('tells of what is printed: %s', (stem) => {
    expect(told).toContain(stem);
  });
});
