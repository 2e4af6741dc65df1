import { Sha256 } from '@smithy/core/checksum';
import { HttpRequest } from '@smithy/core/protocols';
import { SignatureV4 } from '@smithy/signature-v4';
import { awsRemedy, awsTroubleNamed } from '../aws-failure.ts';
import { callTimeoutMilliseconds } from '../time-left.ts';
import type { Clock } from '../clock.ts';
import { AwsAccessFailed, awsDomainOf, requireCredentials, type AwsAccess } from './aws-access.ts';
import { stringAt } from './unstructured.ts';

/** Where an EKS cluster is reached. */
export interface EksCluster {
  readonly endpoint: string;
  /** PEM in base64, as EKS and a kubeconfig have it. */
  readonly certificateAuthority: string;
}

export interface EksQuestion {
  readonly name: string;
  readonly access: AwsAccess;
  readonly clock: Clock;
  /** Instead of AWS's own, as an emulator's. */
  readonly serviceEndpoint?: string | undefined;
}

const callMillisecondsMax = 5_000;

/** Asks EKS, which needs eks:DescribeCluster of that cluster and nothing else. Throws AwsAccessFailed. */
export async function describeEksCluster(question: EksQuestion): Promise<EksCluster> {
  const { status, text, errorType } = await ask(question);
  if (status !== 200) throw new AwsAccessFailed(refusalOf(question, { status, text, errorType }));
  const cluster = parseJson(text);
  const endpoint = stringAt(cluster, 'cluster', 'endpoint');
  const certificateAuthority = stringAt(cluster, 'cluster', 'certificateAuthority', 'data');
  if (endpoint !== null && certificateAuthority !== null) return { endpoint, certificateAuthority };
  const state = stringAt(cluster, 'cluster', 'status') ?? 'without a status';
  throw new AwsAccessFailed(`the EKS cluster ${question.name} has no endpoint, it is ${state}: wait until it is ACTIVE`);
}

interface EksAnswer {
  readonly status: number;
  readonly text: string;
  /** AWS's own name of an error; empty where it gives none. */
  readonly errorType: string;
}

async function ask({ name, access, clock, serviceEndpoint }: EksQuestion): Promise<EksAnswer> {
  const service = new URL(serviceEndpoint ?? `https://eks.${access.region}.${awsDomainOf(access.region)}`);
  const credentials = await requireCredentials(access);
  const path = `/clusters/${encodeURIComponent(name)}`;
  const request = new HttpRequest({ method: 'GET', protocol: service.protocol, hostname: service.hostname, path, headers: { host: service.host } });
  const signer = new SignatureV4({ service: 'eks', region: access.region, credentials, sha256: Sha256 });
  const { headers } = await signer.sign(request, { signingDate: new Date(clock.milliseconds()) });
  try {
    const answer = await fetch(new URL(path, service), {
      headers,
      redirect: 'error',
      signal: AbortSignal.timeout(callTimeoutMilliseconds(callMillisecondsMax)),
    });
    const [errorType = ''] = (answer.headers.get('x-amzn-errortype') ?? '').split(':');
    return { status: answer.status, text: await answer.text(), errorType };
  } catch (cause) {
    const why = cause instanceof Error ? `${cause.message}${cause.cause instanceof Error ? `: ${cause.cause.message}` : ''}` : String(cause);
    const remedy =
      'check AWS_REGION, and in a VPC without a way out make an endpoint for EKS, or set KUBERNAUT_EKS_ENDPOINT and KUBERNAUT_EKS_CERTIFICATE_AUTHORITY';
    throw new AwsAccessFailed(`EKS at ${service.origin} is not reached (${why}): ${remedy}`, { cause });
  }
}

const allow = 'allow eks:DescribeCluster of it, or set KUBERNAUT_EKS_ENDPOINT and KUBERNAUT_EKS_CERTIFICATE_AUTHORITY';

function refusalOf({ name, access }: EksQuestion, { status, text, errorType }: EksAnswer): string {
  const said = stringAt(parseJson(text), 'message') ?? stringAt(parseJson(text), 'Message') ?? `status ${status}`;
  const untold = `EKS does not say where the cluster "${name}" is (${said})`;
  switch (status) {
    case 404:
      return `KUBERNAUT_EKS_CLUSTER: there is no EKS cluster "${name}" in ${access.region} (${said}): check its name and AWS_REGION`;
    case 400:
    case 401:
    case 403:
      return `${untold}: ${awsRemedy(awsTroubleNamed(errorType, said) ?? 'denied', { denied: allow, absent: allow, unreached: allow, other: allow })}`;
    default:
      return `${untold}: it is asked again`;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
