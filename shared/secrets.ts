import { readFile } from 'node:fs/promises';
import { SecretsProvider } from '@aws-lambda-powertools/parameters/secrets';
import { SSMProvider } from '@aws-lambda-powertools/parameters/ssm';
import { awsFailureOf, awsRemedy, type OwnRemedies } from './aws-failure.ts';
import { EnvironmentInvalid, type Environment } from './environment.ts';
import { SecretUnreadable } from './secret-unreadable.ts';

type SecretName = 'KUBERNAUT_KUBECONFIG' | 'KUBERNAUT_WEBHOOK_TOKENS' | 'KUBERNAUT_ADMISSION_PATH' | 'KUBERNAUT_DATABASE_URL';

const cacheSeconds = 300; // a rotated secret is seen within five minutes, and a cold start costs one call
/** The shortest function, admission-webhook, has 5 s in all: two attempts and the wait between them end before. */
const clientConfig = { maxAttempts: 2, requestHandler: { connectionTimeout: 1_000, requestTimeout: 1_500, throwOnRequestTimeout: true } };

interface Store {
  readonly name: string;
  readonly permission: string;
  readonly read: (id: string, options: { readonly maxAge: number; readonly forceFetch: boolean }) => Promise<unknown>;
}

let secrets: SecretsProvider | undefined;
let parameters: SSMProvider | undefined;

const secretsManager: Store = {
  name: 'AWS Secrets Manager',
  permission: 'secretsmanager:GetSecretValue',
  read: async (id, options) => (secrets ??= new SecretsProvider({ clientConfig })).get(id, options),
};

const parameterStore: Store = {
  name: 'the SSM parameter store',
  permission: 'ssm:GetParameter',
  read: async (id, options) => (parameters ??= new SSMProvider({ clientConfig })).get(id, { ...options, decrypt: true }),
};

/**
 * A secret by its `…_FILE` (a path), `…_SECRET` (an ARN or name in AWS Secrets Manager) or `…_PARAMETER` (a name in the SSM parameter store).
 * `anew`: past the cache. The text never appears in an error. Throws EnvironmentInvalid or SecretUnreadable.
 */
export async function readSecret(name: SecretName, environment: Environment, { anew = false }: { readonly anew?: boolean } = {}): Promise<string> {
  const path = environment[`${name}_FILE`];
  if (path !== undefined) {
    try {
      return (await readFile(path, 'utf8')).trim();
    } catch (cause) {
      throw new EnvironmentInvalid(`${name}_FILE: ${path} cannot be read: give a path that the function may read`, { cause });
    }
  }
  const parameter = environment[`${name}_PARAMETER`];
  if (parameter !== undefined) return readStore(parameterStore, { variable: `${name}_PARAMETER`, id: parameter }, anew);
  return readStore(secretsManager, { variable: `${name}_SECRET`, id: environment[`${name}_SECRET`] ?? '' }, anew);
}

function remediesOf({ permission }: Store): OwnRemedies {
  const allow = `allow ${permission} of it to who reads it (and kms:Decrypt, where its key is your own)`;
  return {
    denied: allow,
    absent: 'make it, or correct its name; it is looked for in the region of AWS_REGION',
    unreached: `check AWS_REGION, and in a VPC without a way out make an endpoint for ${permission.split(':')[0]}`,
    other: `check its name and AWS_REGION, and ${allow}`,
  };
}

async function readStore(store: Store, { variable, id }: { readonly variable: string; readonly id: string }, anew: boolean): Promise<string> {
  let text: unknown;
  try {
    text = await store.read(id, { maxAge: cacheSeconds, forceFetch: anew });
  } catch (cause) {
    const { trouble, words } = awsFailureOf(cause);
    throw new SecretUnreadable(`${variable}: ${store.name} does not give ${id} (${words}): ${awsRemedy(trouble, remediesOf(store))}`, { cause });
  }
  if (typeof text !== 'string' || text.trim() === '') throw new EnvironmentInvalid(`${variable}: ${id} holds no text: give one with a string value`);
  return text.trim();
}
