/** A stage with every optional piece of the template: what else would be looked at by nobody until somebody needs it. */
export const everyPiece = {
  region: 'eu-central-1',
  cluster: 'main',
  secrets: {
    webhookTokens: 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:tokens-AbCdEf',
    admissionPath: 'kubernaut/admission-path',
    keyArn: 'arn:aws:kms:eu-central-1:123456789012:key/00000000-0000-0000-0000-000000000000',
  },
  eksCluster: 'main',
  logRetentionDays: 30,
  alarms: { topicArn: 'arn:aws:sns:eu-central-1:123456789012:on-call' },
  watcher: { oidcProviderArn: 'arn:aws:iam::123456789012:oidc-provider/oidc.eks.eu-central-1.amazonaws.com/id/ABCDEF0123456789' },
  network: { vpcId: 'vpc-0123456789abcdef0', subnetIds: ['subnet-0123456789abcdef0', 'subnet-0123456789abcdef1'] },
  database: { aurora: { minCapacity: 0.5, maxCapacity: 4 } },
  alertTopic: {
    workspaceArn: 'arn:aws:aps:eu-central-1:123456789012:workspace/ws-0',
    keyArn: 'arn:aws:kms:eu-central-1:123456789012:key/00000000-0000-0000-0000-000000000000',
    rawDelivery: true,
  },
} as const;

/** The other way of each choice. */
export const otherPieces = {
  ...everyPiece,
  secrets: { ...everyPiece.secrets, admissionPath: { parameter: '/kubernaut/admission-path' }, databaseUrl: 'kubernaut/database-url' },
  network: { ...everyPiece.network, reachesCluster: true },
  database: { trustsAmazon: true },
  watcher: { podIdentityCluster: 'main' },
  eksEndpoint: 'https://ABCDEF0123456789.gr7.eu-central-1.eks.amazonaws.com',
  eksCertificateAuthority: 'LS0tLS1CRUdJTg==',
  alertTopic: { topicArn: 'arn:aws:sns:eu-central-1:123456789012:alerts' },
} as const;
