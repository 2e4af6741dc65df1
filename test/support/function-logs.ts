import * as z from 'zod';
import { callAws } from '../../infra/local/cloud/call-aws.ts';
import type { Deployed } from '../../infra/local/cloud/start-deployed.ts';

const eventsSchema = z.object({ events: z.array(z.object({ message: z.string() })) });

/** The lines that a deployed function has logged and that say this, each as what it holds, in their order. */
export async function linesOf({ emulator, stage }: Deployed, name: string, message: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const body = JSON.stringify({ logGroupName: `/aws/lambda/kubernaut-${stage}-${name}`, limit: 10_000 });
  const text = await callAws(emulator, { service: 'logs', path: '/', method: 'POST', target: 'Logs_20140328.FilterLogEvents', body });
  return eventsSchema
    .parse(JSON.parse(text))
    .events.flatMap((event) => event.message.split('\n'))
    .filter((line) => line.startsWith('{') && line.includes(`"message":"${message}"`))
    .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
}
