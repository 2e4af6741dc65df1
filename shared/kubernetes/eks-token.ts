import { Sha256 } from '@smithy/core/checksum';
import { HttpRequest } from '@smithy/core/protocols';
import { SignatureV4 } from '@smithy/signature-v4';
import type { Clock } from '../clock.ts';
import { awsDomainOf, requireCredentials, type AwsAccess } from './aws-access.ts';

/** Bearer tokens of one EKS cluster. */
export interface EksTokens {
  /** One that the cluster takes for some minutes yet; made when there is none. Throws AwsAccessFailed. */
  token(): Promise<string>;
  /** The cluster did not accept it: the next one is made anew. */
  forget(): void;
}

const urlSeconds = 60; // what the cluster's authenticator asks of the URL inside of a token, whatever the token's own life
const lifeMilliseconds = 15 * 60_000; // from the signing, as the authenticator has it
const spareMilliseconds = 3 * 60_000; // a renewal that fails is tried again at each call while the old one still works

/**
 * EKS takes as a bearer token a request to AWS STS, signed and not sent: the cluster sends it, and learns who signed. The header x-k8s-aws-id binds it to one cluster.
 * Signing is arithmetic, so a token costs no call.
 */
export function eksTokens(cluster: string, access: AwsAccess, clock: Clock): EksTokens {
  let held: { readonly token: string; readonly renewAtMilliseconds: number } | undefined;
  return {
    async token() {
      const now = clock.milliseconds();
      if (held !== undefined && now < held.renewAtMilliseconds) return held.token;
      const credentials = await requireCredentials(access);
      const life = Math.min(lifeMilliseconds, (credentials.expiration?.getTime() ?? Infinity) - now);
      const url = await presignIdentity(cluster, { region: access.region, credentials: async () => credentials }, new Date(now));
      held = { token: `k8s-aws-v1.${Buffer.from(url).toString('base64url')}`, renewAtMilliseconds: now + life - spareMilliseconds };
      return held.token;
    },

    forget() {
      held = undefined;
    },
  };
}

async function presignIdentity(cluster: string, { region, credentials }: AwsAccess, signingDate: Date): Promise<string> {
  const hostname = `sts.${region}.${awsDomainOf(region)}`;
  const request = new HttpRequest({
    method: 'GET',
    protocol: 'https:',
    hostname,
    path: '/',
    query: { Action: 'GetCallerIdentity', Version: '2011-06-15' },
    headers: { host: hostname, 'x-k8s-aws-id': cluster },
  });
  const signer = new SignatureV4({ service: 'sts', region, credentials, sha256: Sha256 });
  const { query } = await signer.presign(request, { expiresIn: urlSeconds, signingDate });
  return `https://${hostname}/?${new URLSearchParams(query as Readonly<Record<string, string>>).toString()}`;
}
