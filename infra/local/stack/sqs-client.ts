import { SQSClient } from '@aws-sdk/client-sqs';
import { localCredentials, localRegion } from '../queue/received.ts';

type Variables = Readonly<Record<string, string | undefined>>;

/** Any of these says that whoever started us has credentials of their own. */
const credentialVariables = ['AWS_ACCESS_KEY_ID', 'AWS_PROFILE', 'AWS_WEB_IDENTITY_TOKEN_FILE', 'AWS_CONTAINER_CREDENTIALS_FULL_URI'];

export function sqsRegion(environment: Variables): string {
  return environment['AWS_REGION'] ?? environment['AWS_DEFAULT_REGION'] ?? localRegion;
}

/** A client for one endpoint, with the credentials of the usual AWS variables where there are any. */
export function createSqsClient(endpoint: string, environment: Variables): SQSClient {
  const hasOwn = credentialVariables.some((name) => (environment[name] ?? '') !== '');
  return new SQSClient({ endpoint, region: sqsRegion(environment), ...(!hasOwn && { credentials: localCredentials }) });
}
