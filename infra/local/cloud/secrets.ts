import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { Emulator } from './start-ministack.ts';
import { emulatorCredentials } from './osls.ts';

const callMilliseconds = 10_000;

/** Puts secrets into an emulator's Secrets Manager; answers the ARN of each by its name. */
export async function createSecrets<Name extends string>(
  { endpoint, region }: Pick<Emulator, 'endpoint' | 'region'>,
  prefix: string,
  secrets: Readonly<Record<Name, string>>,
): Promise<Readonly<Record<Name, string>>> {
  const client = new SecretsManagerClient({ endpoint, region, credentials: emulatorCredentials });
  try {
    const created = Object.entries<string>(secrets).map(async ([name, text]) => {
      const request = new CreateSecretCommand({ Name: `${prefix}/${name}`, SecretString: text });
      const { ARN: arn } = await client.send(request, { abortSignal: AbortSignal.timeout(callMilliseconds) });
      if (arn === undefined) throw new Error(`creating the secret ${prefix}/${name}: the answer holds no ARN`);
      return [name, arn] as const;
    });
    return Object.fromEntries(await Promise.all(created)) as Readonly<Record<Name, string>>;
  } finally {
    client.destroy();
  }
}
