import { databaseSecret } from './database.ts';
import { functionsGroup } from './access-entries.ts';
import { networksOf } from './network.ts';
import { parameterNameOf, secretIdOf } from './secret-source.ts';
import type { Stage } from './stage.ts';

/** The URL of queue x is this and x. */
export function queueUrlPrefix(stage: Stage): object {
  const host = stage.endpoint ?? 'https://sqs.${AWS::Region}.${AWS::URLSuffix}';
  return { 'Fn::Sub': `${host}/\${AWS::AccountId}/${stage.service}-${stage.name}-` };
}

/** Where the functions of a stage count: in a place of its own, or the figures of two stages would be one. */
export function metricsNamespace({ name }: Stage): string {
  return `Kubernaut/${name}`;
}

/** The environment of every function; what only some are to know stands with them in serverless.yml. */
export function environmentOf(stage: Stage): Readonly<Record<string, unknown>> {
  return {
    KUBERNAUT_CLUSTER: stage.cluster,
    KUBERNAUT_NAMESPACE: 'kubernaut-system',
    KUBERNAUT_QUEUE_URL_PREFIX: queueUrlPrefix(stage),
    KUBERNAUT_METRICS_NAMESPACE: metricsNamespace(stage),
    // So that the stack of an error names our files and lines.
    NODE_OPTIONS: '--enable-source-maps',
    // Admission has to know them by what the cluster knows them by.
    ...(stage.eksCluster !== undefined && { KUBERNAUT_FUNCTIONS_GROUPS: functionsGroup }),
    ...(stage.eksEndpoint !== undefined && { KUBERNAUT_EKS_ENDPOINT: stage.eksEndpoint }),
    ...(stage.eksCertificateAuthority !== undefined && { KUBERNAUT_EKS_CERTIFICATE_AUTHORITY: stage.eksCertificateAuthority }),
    ...stage.environment,
    ...(stage.endpoint !== undefined && { AWS_ENDPOINT_URL: stage.endpoint }),
  };
}

/** What serverless.yml takes from a stage by name. Empty: not given, which the functions read as absent. */
export function settingsOf(stage: Stage): Readonly<Record<string, unknown>> {
  const { region, eksCluster = '', logRetentionDays } = stage;
  const { webhookTokens, admissionPath, kubeconfig, databaseUrl } = stage.secrets;
  const secrets = {
    webhookTokens: secretIdOf(webhookTokens),
    admissionPath: secretIdOf(admissionPath),
    kubeconfig: secretIdOf(kubeconfig),
    databaseUrl: databaseSecret(stage),
  };
  const parameters = {
    webhookTokens: parameterNameOf(webhookTokens),
    admissionPath: parameterNameOf(admissionPath),
    kubeconfig: parameterNameOf(kubeconfig),
    databaseUrl: parameterNameOf(databaseUrl),
  };
  return { region, logRetentionDays, eksCluster, secrets, parameters, networks: networksOf(stage), extraAuthorities: extraAuthorities(stage) };
}

/** Lambda's Node has left Amazon's authorities out since version 20, but they lie in its image. Reading them takes time of a cold start, so only who needs them does. */
function extraAuthorities({ database: { aurora, trustsAmazon } }: Stage): string {
  return (trustsAmazon ?? aurora !== undefined) ? '/var/runtime/ca-cert.pem' : '';
}
