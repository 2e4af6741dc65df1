import { ListQueuesCommand, type SQSClient } from '@aws-sdk/client-sqs';
import * as z from 'zod';
import { callAws } from '../../infra/local/cloud/call-aws.ts';
import type { Emulator } from '../../infra/local/cloud/start-ministack.ts';

type Place = Pick<Emulator, 'endpoint' | 'region'>;

const functionsSchema = z.object({ Functions: z.array(z.object({ FunctionName: z.string(), CodeSha256: z.string() })) });
const logGroupsSchema = z.object({ logGroups: z.array(z.object({ logGroupName: z.string() })) });

/** The hash of each deployed function's code, by its name in the cloud. */
export async function codeOf(emulator: Place): Promise<Readonly<Record<string, string>>> {
  const { Functions: functions } = functionsSchema.parse(JSON.parse(await callAws(emulator, { service: 'lambda', path: '/2015-03-31/functions/' })));
  return Object.fromEntries(functions.map(({ FunctionName, CodeSha256 }) => [FunctionName, CodeSha256]));
}

/** What there is that carries a stage's name, as `function …`, `queue …`. */
export async function partsOf(emulator: Place, sqs: SQSClient, prefix: string): Promise<readonly string[]> {
  const [functions, queues, groups, roles] = await Promise.all([
    codeOf(emulator).then((code) => Object.keys(code)),
    sqs.send(new ListQueuesCommand({ QueueNamePrefix: prefix })).then(({ QueueUrls: urls = [] }) => urls.map((url) => url.replace(/^.*\//, ''))),
    callAws(emulator, { service: 'logs', path: '/', method: 'POST', target: 'Logs_20140328.DescribeLogGroups', body: '{}' }).then((text) =>
      logGroupsSchema.parse(JSON.parse(text)).logGroups.map(({ logGroupName }) => logGroupName),
    ),
    callAws(emulator, { service: 'iam', path: '/', method: 'POST', body: 'Action=ListRoles&Version=2010-05-08&MaxItems=1000' }).then((text) =>
      [...text.matchAll(/<RoleName>([^<]+)</g)].map(([, name = '']) => name),
    ),
  ]);
  const named = (what: string, names: readonly string[]) => names.filter((name) => name.includes(prefix)).map((name) => `${what} ${name}`);
  return [...named('function', functions), ...named('queue', queues), ...named('log group', groups), ...named('role', roles)];
}
