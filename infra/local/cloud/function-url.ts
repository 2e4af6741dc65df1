import type { Emulator } from './start-ministack.ts';
import { callAws } from './call-aws.ts';
import * as z from 'zod';

const answerSchema = z.object({ FunctionUrl: z.url() });

/** Where a deployed function answers. On an emulator its host name is nobody's, so the path names it instead. */
export async function functionUrl(emulator: Pick<Emulator, 'endpoint' | 'region'>, functionName: string): Promise<string> {
  const text = await callAws(emulator, { service: 'lambda', path: `/2021-10-31/functions/${functionName}/url` });
  const { hostname } = new URL(answerSchema.parse(JSON.parse(text)).FunctionUrl);
  return `${emulator.endpoint}/_aws/lambda-url/${hostname.split('.')[0] ?? ''}`;
}
