import { queueResource, roleResource } from '../../infra/cloud/names.ts';
import { valueAt } from '../../shared/kubernetes/unstructured.ts';
import { queueNames } from '../../shared/queue/ports.ts';
import type { PackagedTemplate } from './packaged-template.ts';

interface Allowance {
  readonly action: string;
  readonly resource: unknown;
}

/** Each action of a function's role with each resource of its statement. */
export function allowancesOf(template: PackagedTemplate, functionName: string): readonly Allowance[] {
  const policies = template.resources[roleResource(functionName)]?.Properties['Policies'] as readonly object[];
  const statements = policies.flatMap((policy) => valueAt(policy, 'PolicyDocument', 'Statement') as readonly object[]);
  return statements.flatMap((statement) => {
    const actions = valueAt(statement, 'Action') as readonly string[];
    return actions.flatMap((action) => [valueAt(statement, 'Resource')].flat().map((resource) => ({ action, resource })));
  });
}

/** `sqs:SendMessage audit` for every action on SQS that a role allows. */
export function allowedQueueCalls(template: PackagedTemplate, functionName: string): readonly string[] {
  return allowancesOf(template, functionName).flatMap(({ action, resource }) => (action.startsWith('sqs:') ? [`${action} ${queueOf(resource)}`] : []));
}

/** Names of secrets that a role may read, `arn:…:secret:<name>-??????`, and of parameters, `arn:…:parameter<name>`. */
export function allowedSecrets(template: PackagedTemplate, functionName: string): readonly string[] {
  return allowancesOf(template, functionName).flatMap(({ action, resource }) => {
    if (action !== 'secretsmanager:GetSecretValue' && action !== 'ssm:GetParameter') return [];
    const [, id, name] = /:secret:(.*)-\?{6}$|:parameter(\/.*)$/.exec(String(valueAt(resource, 'Fn::Sub'))) ?? [];
    return [id ?? name ?? JSON.stringify(resource)];
  });
}

function queueOf(resource: unknown): string {
  const all = queueNames.flatMap((queue) => [queue, `${queue}-dlq`] as const);
  return all.find((queue) => JSON.stringify(resource) === JSON.stringify({ 'Fn::GetAtt': [queueResource(queue), 'Arn'] })) ?? JSON.stringify(resource);
}
