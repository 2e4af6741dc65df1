import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { parameterNames, parseStage, StageInvalid } from './stage.ts';

const secrets = { webhookTokens: 'tokens', admissionPath: 'path', kubeconfig: 'kubeconfig', databaseUrl: 'database' };
const good = { region: 'eu-central-1', secrets, logRetentionDays: 14 };

const told = (parameters: unknown) => {
  try {
    parseStage('kubernaut', 'dev', parameters);
    return '';
  } catch (error) {
    return error instanceof StageInvalid ? error.message : `a bug: ${String(error)}`;
  }
};

describe('the parameters of a stage', () => {
  it.each(['dev', 'production'])('are good as they come: %s', (name) => {
    const parameters: unknown = parse(readFileSync(join(import.meta.dirname, 'stages', `${name}.yml`), 'utf8'));
    expect(parseStage('kubernaut', name, parameters)).toMatchObject({ name, cluster: 'primary-cluster', watcher: {} });
  });

  it.each<[sentence: string, parameters: unknown, words: string]>([
    ['there is no such file', '', 'infra/cloud/stages/dev.yml is missing: copy infra/cloud/stages/dev.yml'],
    ['no region', { ...good, region: undefined }, 'stages/dev.yml: region is missing: give the region to deploy to, as eu-central-1'],
    ['a region that is none', { ...good, region: 'Frankfurt' }, 'region is no region: give one as eu-central-1'],
    ['no secrets', { ...good, secrets: undefined }, 'secrets is missing: name the secrets'],
    [
      'a secret without a name',
      { ...good, secrets: { ...secrets, webhookTokens: undefined } },
      'secrets.webhookTokens is missing: give the name or the ARN of the secret that holds',
    ],
    ['a secret that is a list', { ...good, secrets: { ...secrets, webhookTokens: ['a'] } }, 'secrets.webhookTokens is neither: give the name or the ARN'],
    [
      'a secret in two places',
      { ...good, secrets: { ...secrets, webhookTokens: { parameter: 'x', secret: 'y' } } },
      'secrets.webhookTokens is refused: Unrecognized key: "secret"',
    ],
    ['an empty name', { ...good, secrets: { ...secrets, admissionPath: '' } }, 'secrets.admissionPath is empty'],
    [
      'no way into the cluster',
      { ...good, secrets: { ...secrets, kubeconfig: undefined } },
      'secrets.kubeconfig is missing: give exactly one of secrets.kubeconfig and eksCluster',
    ],
    ['two ways into the cluster', { ...good, eksCluster: 'main' }, 'secrets.kubeconfig is given beside eksCluster'],
    [
      'half of the address of an EKS cluster',
      { ...good, eksEndpoint: 'https://a.eks.amazonaws.com' },
      'eksEndpoint is given alone: give both eksEndpoint and eksCertificateAuthority, or neither',
    ],
    [
      'an address without its cluster',
      { ...good, eksEndpoint: 'https://a.eks.amazonaws.com', eksCertificateAuthority: 'QQ==' },
      'eksEndpoint is given without eksCluster: name the cluster',
    ],
    ['an address over plain HTTP', { ...good, eksEndpoint: 'http://a.eks.amazonaws.com' }, 'eksEndpoint is no https URL'],
    [
      'no database',
      { ...good, secrets: { ...secrets, databaseUrl: undefined } },
      "secrets.databaseUrl is missing: give the name or the ARN of the secret that holds the audit database's address",
    ],
    [
      'a database twice',
      { ...good, database: { aurora: { minCapacity: 0, maxCapacity: 1 } }, network: { vpcId: 'vpc-1', subnetIds: ['subnet-1', 'subnet-2'] } },
      'secrets.databaseUrl is given beside database.aurora',
    ],
    [
      'a database nowhere',
      { ...good, secrets: { ...secrets, databaseUrl: undefined }, database: { aurora: { minCapacity: 0, maxCapacity: 1 } } },
      'network is missing: database.aurora needs the VPC',
    ],
    ['days that CloudWatch does not take', { ...good, logRetentionDays: 10 }, 'logRetentionDays is not among the days that CloudWatch takes: 1, 3, 5'],
    ['a topic that is none', { ...good, alarms: { topicArn: 'on-call' } }, 'alarms.topicArn is no ARN of sns: give one as arn:aws:sns:'],
    ['an identity provider that is none', { ...good, watcher: { oidcProviderArn: 'arn:aws:iam::1:role/x' } }, 'watcher.oidcProviderArn is no OIDC provider'],
    [
      'both ways for the watcher',
      { ...good, watcher: { oidcProviderArn: 'arn:aws:iam::1:oidc-provider/x', podIdentityCluster: 'main' } },
      'watcher.podIdentityCluster is given beside watcher.oidcProviderArn',
    ],
    [
      'a key for a topic that exists',
      { ...good, alertTopic: { topicArn: 'arn:aws:sns:eu-central-1:1:a', keyArn: 'arn:aws:kms:eu-central-1:1:key/k' } },
      'alertTopic.keyArn is given beside alertTopic.topicArn',
    ],
    ['a variable that no function knows', { ...good, environment: { KUBERNAUT_COLDOWN_SECONDS: '1' } }, 'environment'],
    ['a variable that is decided elsewhere', { ...good, environment: { KUBERNAUT_KUBECONFIG_FILE: '/x' } }, 'environment'],
    ['an unknown parameter', { ...good, regions: [] }, 'Unrecognized key: "regions"'],
  ])('are refused with the field and the remedy: %s', (_sentence, parameters, words) => {
    expect(told(parameters)).toContain(words);
  });

  it('are refused all at once', () => {
    expect(told({ ...good, region: undefined, logRetentionDays: 10 }).split('\n')).toHaveLength(2);
  });

  it.each(parameterNames)('are told of in docs/operations.md: %s', (name) => {
    const operations = readFileSync(join(import.meta.dirname, '../../docs/operations.md'), 'utf8');
    const table = operations.slice(operations.indexOf('### Parameters of a stage'), operations.indexOf('### What is seen in the cloud'));
    expect(table).toMatch(new RegExp(`\\b${name}\\b`));
  });
});
