import { readFileSync } from 'node:fs';
import { stringify } from 'yaml';
import * as z from 'zod';

/** One request, as a real API server wrote it down. */
export interface AuditedRequest {
  readonly user: string;
  /** Empty: the user asked for itself. */
  readonly impersonated: string;
  readonly verb: string;
  readonly group: string;
  /** `deployments`, `deployments/scale` */
  readonly resource: string;
  readonly namespace: string;
  readonly name: string;
  readonly allowed: boolean;
}

/** Who asked for what of these users' requests, nothing of what was in them. */
export function auditPolicy(users: readonly string[]): string {
  return stringify({
    apiVersion: 'audit.k8s.io/v1',
    kind: 'Policy',
    omitStages: ['RequestReceived'],
    rules: [{ level: 'Metadata', users: [...users] }, { level: 'None' }],
  });
}

const lineSchema = z.object({
  verb: z.string(),
  user: z.object({ username: z.string() }),
  impersonatedUser: z.object({ username: z.string() }).optional(),
  objectRef: z
    .object({
      apiGroup: z.string().default(''),
      resource: z.string().default(''),
      subresource: z.string().optional(),
      namespace: z.string().default(''),
      name: z.string().default(''),
    })
    .optional(),
  annotations: z.record(z.string(), z.string()).default({}),
});

export function readAuditLog(path: string): readonly AuditedRequest[] {
  const lines = readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line.endsWith('}')); // the last one may be half written
  return lines.map((line) => {
    const { verb, user, impersonatedUser, objectRef, annotations } = lineSchema.parse(JSON.parse(line));
    const { apiGroup = '', resource = '', subresource, namespace = '', name = '' } = objectRef ?? {};
    return {
      user: user.username,
      impersonated: impersonatedUser?.username ?? '',
      verb,
      group: apiGroup,
      resource: subresource === undefined ? resource : `${resource}/${subresource}`,
      namespace,
      name,
      allowed: annotations['authorization.k8s.io/decision'] !== 'forbid',
    };
  });
}
