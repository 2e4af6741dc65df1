import { describe, expect, it } from 'vitest';
import { EnvironmentInvalid, parseEnvironment } from './environment.ts';

const queues = { KUBERNAUT_QUEUE_URL_PREFIX: 'https://sqs.eu-central-1.amazonaws.com/1/kubernaut-dev-' };
const eks = { ...queues, KUBERNAUT_EKS_CLUSTER: 'production', AWS_REGION: 'eu-central-1' };
const endpoint = { KUBERNAUT_EKS_ENDPOINT: 'https://abc.eks.amazonaws.com' };
const authority = { KUBERNAUT_EKS_CERTIFICATE_AUTHORITY: 'UEVN' };

describe('the way to the cluster', () => {
  it.each<[sentence: string, variables: Readonly<Record<string, string>>]>([
    ['a secret', { ...queues, KUBERNAUT_KUBECONFIG_SECRET: 'arn:aws:secretsmanager:eu-central-1:1:secret:kubeconfig' }],
    ['a parameter', { ...queues, KUBERNAUT_KUBECONFIG_PARAMETER: '/kubernaut/kubeconfig' }],
    ['a file', { ...queues, KUBERNAUT_KUBECONFIG_FILE: '/etc/kubeconfig' }],
    ['the name of an EKS cluster', eks],
    ['an EKS cluster and where it is', { ...eks, ...endpoint, ...authority }],
    ['an EKS cluster, the others being empty', { ...eks, KUBERNAUT_KUBECONFIG_SECRET: '', KUBERNAUT_EKS_ENDPOINT: '' }],
  ])('may be %s', (_sentence, variables) => {
    expect(parseEnvironment(variables, ['cluster'])).toMatchObject(Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== '')));
  });

  it.each<[sentence: string, variables: Readonly<Record<string, string>>, message: string]>([
    [
      'nothing',
      queues,
      'set exactly one of KUBERNAUT_KUBECONFIG_SECRET, KUBERNAUT_KUBECONFIG_PARAMETER, KUBERNAUT_KUBECONFIG_FILE, KUBERNAUT_EKS_CLUSTER: 0 are set',
    ],
    ['two ways', { ...eks, KUBERNAUT_KUBECONFIG_FILE: '/etc/kubeconfig' }, 'KUBERNAUT_EKS_CLUSTER: 2 are set'],
    [
      'an ARN',
      { ...eks, KUBERNAUT_EKS_CLUSTER: 'arn:aws:eks:eu-central-1:1:cluster/production' },
      'KUBERNAUT_EKS_CLUSTER: must be the name of an EKS cluster, not its ARN',
    ],
    ['an EKS cluster of no region', { ...eks, AWS_REGION: '' }, 'AWS_REGION: must be the region of the EKS cluster'],
    ['an endpoint alone', { ...eks, ...endpoint }, 'or neither of them: one is set'],
    ['an authority alone', { ...eks, ...authority }, 'or neither of them: one is set'],
    ['an endpoint by http', { ...eks, ...authority, KUBERNAUT_EKS_ENDPOINT: 'http://abc' }, 'KUBERNAUT_EKS_ENDPOINT: must be the https URL'],
    ['an authority in PEM', { ...eks, ...endpoint, KUBERNAUT_EKS_CERTIFICATE_AUTHORITY: '-----BEGIN CERTIFICATE-----' }, 'PEM in base64'],
  ])('is not %s', (_sentence, variables, message) => {
    expect(() => parseEnvironment(variables, ['cluster'])).toThrow(EnvironmentInvalid);
    expect(() => parseEnvironment(variables, ['cluster'])).toThrow(message);
  });

  it('is nobody’s business who does not go it', () => {
    expect(() => parseEnvironment({ ...queues, ...endpoint }, [])).not.toThrow();
  });
});

describe('a variable that is wrong', () => {
  it.each<[sentence: string, variables: Readonly<Record<string, string>>, message: string]>([
    [
      'no queues',
      { KUBERNAUT_QUEUE_URL_PREFIX: '' },
      'KUBERNAUT_QUEUE_URL_PREFIX: must be what the URLs of the queues begin with, as https://sqs.eu-central-1.amazonaws.com/123456789012/kubernaut-dev-',
    ],
    [
      'queues by another protocol',
      { KUBERNAUT_QUEUE_URL_PREFIX: 'ftp://example/q-' },
      'KUBERNAUT_QUEUE_URL_PREFIX: must be what the URLs of the queues begin with',
    ],
    ['a number in words', { KUBERNAUT_MONITORING_SECONDS: 'a minute' }, 'KUBERNAUT_MONITORING_SECONDS: must be a whole number from 0 to 600'],
    ['a part of a number', { KUBERNAUT_MONITORING_SECONDS: '1.5' }, 'KUBERNAUT_MONITORING_SECONDS: must be a whole number from 0 to 600'],
    ['a number past its bound', { KUBERNAUT_BODY_BYTES_MAX: '1' }, 'KUBERNAUT_BODY_BYTES_MAX: must be a whole number from 1024 to 67108864'],
    ['a long name', { KUBERNAUT_CLUSTER: 'x'.repeat(64) }, 'KUBERNAUT_CLUSTER: must be a name of 1 to 63 characters'],
    ['a level that there is not', { KUBERNAUT_LOG_LEVEL: 'loud' }, 'KUBERNAUT_LOG_LEVEL: must be debug, info, warn, error or silent'],
    ['a wish that there is not', { KUBERNAUT_SELF_APPROVAL: 'no' }, 'KUBERNAUT_SELF_APPROVAL: must be allowed or forbidden'],
    [
      'and another',
      { KUBERNAUT_LOG_LEVEL: 'loud', KUBERNAUT_SELF_APPROVAL: 'no' },
      'KUBERNAUT_LOG_LEVEL: must be debug, info, warn, error or silent; KUBERNAUT_SELF_APPROVAL: must be allowed or forbidden',
    ],
  ])('is named with what it must be: %s', (_sentence, variables, message) => {
    const parsed = () => parseEnvironment({ ...queues, ...variables }, []);
    expect(parsed).toThrow(EnvironmentInvalid);
    expect(parsed).toThrow(message);
  });
});
