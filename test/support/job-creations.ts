import { readFileSync } from 'node:fs';
import { stringify } from 'yaml';
import * as z from 'zod';

/** The API server writes down every request that may make a Job or end one, whoever asks. */
export const jobsAuditPolicy = stringify({
  apiVersion: 'audit.k8s.io/v1',
  kind: 'Policy',
  omitStages: ['RequestReceived'],
  rules: [{ level: 'Metadata', verbs: ['create', 'delete', 'deletecollection'], resources: [{ group: 'batch', resources: ['jobs'] }] }, { level: 'None' }],
});

const lineSchema = z.object({
  verb: z.string(),
  objectRef: z.object({ name: z.string().default('') }),
  responseStatus: z.object({ code: z.number() }).optional(),
});

export interface JobRequests {
  /** Names of the Jobs that were made, one for each time. */
  readonly made: readonly string[];
  readonly deletions: number;
}

/** What the log says. A server that was killed may have made a Job and died before it wrote that down. */
export function jobRequestsIn(logFile: string): JobRequests {
  const lines = readFileSync(logFile, 'utf8')
    .split('\n')
    .flatMap((line) => (line.endsWith('}') ? [lineSchema.parse(JSON.parse(line))] : [])); // a line may be half written
  const answered = (verb: string, code: number) => lines.filter((line) => line.verb === verb && line.responseStatus?.code === code);
  return { made: answered('create', 201).map(({ objectRef }) => objectRef.name), deletions: lines.filter(({ verb }) => verb !== 'create').length };
}
