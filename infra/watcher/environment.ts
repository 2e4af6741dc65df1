import * as z from 'zod';

/** Names as the functions have them: both must say the same cluster, namespace and queues. */
const environmentSchema = z.object({
  KUBERNAUT_CLUSTER: z.string().min(1).max(63).default('primary-cluster'),
  KUBERNAUT_NAMESPACE: z.string().min(1).max(63).default('kubernaut-system'),
  KUBERNAUT_QUEUE_URL_PREFIX: z.url('must be what the URLs of the queues begin with, as https://sqs.eu-central-1.amazonaws.com/123456789012/kubernaut-dev-'),
  /** Outside of a cluster; inside it the pod's ServiceAccount is used. */
  KUBERNAUT_KUBECONFIG_FILE: z.string().min(1).optional(),
  KUBERNAUT_LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
  /** Of /healthz, /readyz and /metrics; 0: any that is free. */
  KUBERNAUT_WATCHER_PORT: z.coerce.number().int().min(0).max(65_535).default(8_080),
  AWS_REGION: z.string().optional(),
  AWS_ENDPOINT_URL: z.string().optional(),
  AWS_ENDPOINT_URL_SQS: z.string().optional(),
});
export type WatcherEnvironment = Readonly<z.infer<typeof environmentSchema>>;

/** The process cannot start as it is configured: the message is one sentence that names the variable and the remedy. */
export class Misconfigured extends Error {
  override readonly name = 'Misconfigured';
}

/** An empty variable counts as absent, as a chart's empty value should. */
export function parseWatcherEnvironment(variables: Readonly<Record<string, string | undefined>>): WatcherEnvironment {
  const given = Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== undefined && value !== ''));
  const parsed = environmentSchema.safeParse(given);
  if (parsed.success) return parsed.data;
  throw new Misconfigured(parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; '));
}
