import type { Emulator } from './start-ministack.ts';
import { emulatorCredentials } from './osls.ts';

export interface AwsCall {
  /** As in a signature's scope: `lambda`, `iam`. */
  readonly service: string;
  readonly path: string;
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** A form (query APIs) or JSON. */
  readonly body?: string;
  /** Of JSON APIs: `Logs_20140328.DescribeLogGroups`. */
  readonly target?: string;
}

const callMilliseconds = 10_000;

/** Asks an emulator, which reads the service and the region from the signature and checks no more of it. Throws with the answer's text. */
export async function callAws({ endpoint, region }: Pick<Emulator, 'endpoint' | 'region'>, call: AwsCall): Promise<string> {
  const { service, path, method = 'GET', body, target } = call;
  const headers = {
    authorization: `AWS4-HMAC-SHA256 Credential=${emulatorCredentials.accessKeyId}/20260101/${region}/${service}/aws4_request, SignedHeaders=host, Signature=0`,
    ...(target !== undefined && { 'x-amz-target': target, 'content-type': 'application/x-amz-json-1.1' }),
    ...(target === undefined && body !== undefined && { 'content-type': 'application/x-www-form-urlencoded' }),
  };
  const answer = await fetch(`${endpoint}${path}`, { method, headers, signal: AbortSignal.timeout(callMilliseconds), ...(body !== undefined && { body }) });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${service} ${method} ${path}: ${answer.status} ${text.slice(0, 500)}`);
  return text;
}
