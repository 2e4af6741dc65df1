import { defaultProvider } from '@aws-sdk/credential-provider-node';

export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  readonly expiration?: Date;
}

/** As whom, and where, AWS is asked. */
export interface AwsAccess {
  readonly region: string;
  readonly credentials: () => Promise<AwsCredentials>;
}

/** AWS was not reached or said no; the message is one sentence with the remedy, and a later try may succeed. */
export class AwsAccessFailed extends Error {
  override readonly name = 'AwsAccessFailed';
}

/** The credentials that every AWS program finds: those of the function's role, or the ones of a shell. */
export function awsAccess(region: string): AwsAccess {
  return { region, credentials: defaultProvider() };
}

/** Throws AwsAccessFailed. */
export async function requireCredentials({ credentials }: AwsAccess): Promise<AwsCredentials> {
  try {
    return await credentials();
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new AwsAccessFailed(
      `there are no AWS credentials to reach EKS with (${why}): give the function an execution role, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY`,
      {
        cause,
      },
    );
  }
}

/** What the names of AWS's services end in there: each partition has its own. */
export function awsDomainOf(region: string): string {
  if (region.startsWith('cn-')) return 'amazonaws.com.cn';
  return region.startsWith('eusc-') ? 'amazonaws.eu' : 'amazonaws.com';
}
