import * as z from 'zod';

const whole = (byDefault: number, min: number, max: number) => {
  const error = `must be a whole number from ${min} to ${max}`;
  return z.coerce.number({ error }).int({ error }).min(min, { error }).max(max, { error }).default(byDefault);
};
const named = (byDefault: string) => {
  const error = 'must be a name of 1 to 63 characters';
  return z.string().min(1, { error }).max(63, { error }).default(byDefault);
};
/** Users or groups of Kubernetes, separated by commas. */
const names = z
  .string()
  .max(4_096)
  .default('')
  .transform((text): readonly string[] =>
    text
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== ''),
  );
const atLeastAnHour = 3_600;
const oneYear = 31_536_000;

/** Every variable that a function may read (docs/architecture.md has the table). Numbers named _SECONDS are seconds. */
export const environmentSchema = z
  .object({
    KUBERNAUT_CLUSTER: named('primary-cluster'),
    KUBERNAUT_NAMESPACE: named('kubernaut-system'),
    KUBERNAUT_QUEUE_URL_PREFIX: z.url({
      protocol: /^https?$/,
      error: 'must be what the URLs of the queues begin with, as https://sqs.eu-central-1.amazonaws.com/123456789012/kubernaut-dev-',
    }),
    KUBERNAUT_KUBECONFIG_SECRET: z.string().min(1).optional(),
    KUBERNAUT_KUBECONFIG_PARAMETER: z.string().min(1).optional(),
    KUBERNAUT_KUBECONFIG_FILE: z.string().min(1).optional(),
    /** An EKS cluster, as the role of the function; where it is found is asked of EKS, unless the two after it say so. */
    KUBERNAUT_EKS_CLUSTER: z
      .string()
      .regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$/, 'must be the name of an EKS cluster, not its ARN')
      .optional(),
    KUBERNAUT_EKS_ENDPOINT: z.url({ protocol: /^https$/, error: 'must be the https URL of the cluster’s API server' }).optional(),
    /** PEM in base64, as EKS gives it. */
    KUBERNAUT_EKS_CERTIFICATE_AUTHORITY: z.base64({ error: 'must be the certificate authority as EKS gives it: PEM in base64' }).optional(),
    KUBERNAUT_WEBHOOK_TOKENS_SECRET: z.string().min(1).optional(),
    KUBERNAUT_WEBHOOK_TOKENS_PARAMETER: z.string().min(1).optional(),
    KUBERNAUT_WEBHOOK_TOKENS_FILE: z.string().min(1).optional(),
    KUBERNAUT_ADMISSION_PATH_SECRET: z.string().min(1).optional(),
    KUBERNAUT_ADMISSION_PATH_PARAMETER: z.string().min(1).optional(),
    KUBERNAUT_ADMISSION_PATH_FILE: z.string().min(1).optional(),
    KUBERNAUT_DATABASE_URL_SECRET: z.string().min(1).optional(),
    KUBERNAUT_DATABASE_URL_PARAMETER: z.string().min(1).optional(),
    KUBERNAUT_DATABASE_URL_FILE: z.string().min(1).optional(),
    KUBERNAUT_KUBECTL_IMAGE: z
      .string()
      .max(255)
      .regex(/(:v?\d+\.\d+\.\d+[\w.-]*|@sha256:[0-9a-f]{64})$/, 'must end in a full version or a digest: a moving tag is refused')
      .default('registry.k8s.io/kubectl:v1.36.3'),
    KUBERNAUT_ANALYSIS_PROVIDER: z.string().min(1).max(255).default('rules'),
    KUBERNAUT_LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error', 'silent'], { error: 'must be debug, info, warn, error or silent' }).default('info'),
    /** Of CloudWatch: a stage's own, or the figures of two stages of one account are one. */
    KUBERNAUT_METRICS_NAMESPACE: z.string().min(1).max(255).default('Kubernaut'),
    /** As the cluster knows the functions. */
    KUBERNAUT_FUNCTIONS_USERS: names,
    KUBERNAUT_FUNCTIONS_GROUPS: names,
    KUBERNAUT_SELF_APPROVAL: z.enum(['allowed', 'forbidden'], { error: 'must be allowed or forbidden' }).default('allowed'),
    KUBERNAUT_MONITORING_SECONDS: whole(60, 0, 600),
    KUBERNAUT_APPROVAL_TIMEOUT_SECONDS: whole(900, 60, 86_400),
    KUBERNAUT_RETENTION_SECONDS: whole(86_400, atLeastAnHour, oneYear),
    KUBERNAUT_OVERALL_TIMEOUT_SECONDS: whole(3_600, 60, 86_400),
    KUBERNAUT_COOLDOWN_SECONDS: whole(300, 0, 86_400),
    KUBERNAUT_OUTCOME_WINDOW_SECONDS: whole(900, 0, 86_400),
    KUBERNAUT_RETRY_BASE_SECONDS: whole(2, 1, 60),
    KUBERNAUT_RETRY_MAX_SECONDS: whole(300, 1, 43_200),
    KUBERNAUT_BODY_BYTES_MAX: whole(10_485_760, 1_024, 67_108_864),
    KUBERNAUT_MAX_PARALLEL_STEPS: whole(5, 1, 20),
    AWS_REGION: z.string().optional(),
    AWS_ENDPOINT_URL: z.string().optional(),
    AWS_ENDPOINT_URL_SQS: z.string().optional(),
    AWS_ENDPOINT_URL_EKS: z.string().optional(),
  })
  .readonly();

export type Environment = z.infer<typeof environmentSchema>;

export class EnvironmentInvalid extends Error {
  override readonly name = 'EnvironmentInvalid';
}

const exactlyOneOf: Readonly<Record<Need, readonly (keyof Environment)[]>> = {
  cluster: ['KUBERNAUT_KUBECONFIG_SECRET', 'KUBERNAUT_KUBECONFIG_PARAMETER', 'KUBERNAUT_KUBECONFIG_FILE', 'KUBERNAUT_EKS_CLUSTER'],
  tokens: ['KUBERNAUT_WEBHOOK_TOKENS_SECRET', 'KUBERNAUT_WEBHOOK_TOKENS_PARAMETER', 'KUBERNAUT_WEBHOOK_TOKENS_FILE'],
  'admission path': ['KUBERNAUT_ADMISSION_PATH_SECRET', 'KUBERNAUT_ADMISSION_PATH_PARAMETER', 'KUBERNAUT_ADMISSION_PATH_FILE'],
  database: ['KUBERNAUT_DATABASE_URL_SECRET', 'KUBERNAUT_DATABASE_URL_PARAMETER', 'KUBERNAUT_DATABASE_URL_FILE'],
};

type Need = 'cluster' | 'tokens' | 'admission path' | 'database';

/** Reads the environment once. `needs`: which of the things given by exactly one of several variables this function wants. Throws one sentence a mistake. */
export function parseEnvironment(variables: Readonly<Record<string, string | undefined>>, needs: readonly Need[]): Environment {
  const given = Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== undefined && value !== ''));
  const parsed = environmentSchema.safeParse(given);
  if (!parsed.success) {
    throw new EnvironmentInvalid(parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; '));
  }
  for (const need of needs) {
    const names = exactlyOneOf[need];
    const count = names.filter((name) => parsed.data[name] !== undefined).length;
    if (count !== 1) throw new EnvironmentInvalid(`set exactly one of ${names.join(', ')}: ${count} are set`);
  }
  if (needs.includes('cluster')) requireEks(parsed.data);
  return parsed.data;
}

function requireEks(environment: Environment): void {
  const { KUBERNAUT_EKS_CLUSTER: cluster, KUBERNAUT_EKS_ENDPOINT: endpoint, KUBERNAUT_EKS_CERTIFICATE_AUTHORITY: certificateAuthority } = environment;
  if ((endpoint === undefined) !== (certificateAuthority === undefined)) {
    throw new EnvironmentInvalid('set both KUBERNAUT_EKS_ENDPOINT and KUBERNAUT_EKS_CERTIFICATE_AUTHORITY, or neither of them: one is set');
  }
  if (cluster !== undefined && environment.AWS_REGION === undefined) {
    throw new EnvironmentInvalid('AWS_REGION: must be the region of the EKS cluster that KUBERNAUT_EKS_CLUSTER names');
  }
}
