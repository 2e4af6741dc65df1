import { readFile } from 'node:fs/promises';
import { getSecret } from '@aws-lambda-powertools/parameters/secrets';
import { EnvironmentInvalid, type Environment } from './environment.ts';

type SecretName = 'KUBERNAUT_KUBECONFIG' | 'KUBERNAUT_WEBHOOK_TOKENS' | 'KUBERNAUT_ADMISSION_PATH' | 'KUBERNAUT_DATABASE_URL';

const cacheSeconds = 300; // a rotated secret is seen within five minutes, and a cold start costs one call

/** A secret by its `…_FILE` (a path) or `…_SECRET` (an ARN or name in AWS Secrets Manager). The text never appears in an error. */
export async function readSecret(name: SecretName, environment: Environment): Promise<string> {
  const path = environment[`${name}_FILE`];
  if (path !== undefined) {
    try {
      return (await readFile(path, 'utf8')).trim();
    } catch (cause) {
      throw new EnvironmentInvalid(`${name}_FILE: ${path} cannot be read: give a path that the function may read`, { cause });
    }
  }
  const id = environment[`${name}_SECRET`];
  const secret = id === undefined ? undefined : await getSecret(id, { maxAge: cacheSeconds });
  if (typeof secret !== 'string' || secret === '') {
    throw new EnvironmentInvalid(`${name}_SECRET: holds no text: give the ARN of a secret with a string value`);
  }
  return secret.trim();
}
