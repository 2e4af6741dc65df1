import * as z from 'zod';
import { environmentSchema } from '../../shared/environment.ts';
import { secretSource, type SecretSource } from './secret-source.ts';

/** CloudWatch takes no other numbers. */
const retentionDays = [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1_096, 1_827, 2_192, 2_557, 2_922, 3_288, 3_653] as const;

const arn = (service: string, example: string) =>
  z.string().regex(new RegExp(`^arn:aws[\\w-]*:${service}:`), `is no ARN of ${service}: give one as ${example}`);

/** What is decided elsewhere in serverless.yml, or per function: given here it would be given twice. */
const decidedElsewhere = /_(SECRET|PARAMETER|FILE)$|^KUBERNAUT_(QUEUE_URL_PREFIX|CLUSTER|EKS_\w+|NAMESPACE|METRICS_NAMESPACE|BODY_BYTES_MAX)$|^AWS_/;
const settableVariables = Object.keys(environmentSchema.unwrap().shape).filter((variable) => !decidedElsewhere.test(variable));

/** What infra/cloud/stages/<stage>.yml may say. */
const parametersSchema = z.strictObject({
  region: z
    .string({ error: 'is missing: give the region to deploy to, as eu-central-1' })
    .regex(/^[a-z]{2}(-[a-z]+)+-\d$/, 'is no region: give one as eu-central-1'),
  /** As in the chart's `cluster`. */
  cluster: z.string().min(1).max(63).default('primary-cluster'),
  secrets: z.strictObject(
    {
      webhookTokens: secretSource("one or two tokens of Alertmanager's, one a line"),
      admissionPath: secretSource("the secret segment of the admission webhook's path"),
      kubeconfig: secretSource('the kubeconfig of the functions').optional(),
      databaseUrl: secretSource("the audit database's address").optional(),
      /** Where they are encrypted with a key of your own. */
      keyArn: arn('kms', 'arn:aws:kms:eu-central-1:123456789012:key/…').optional(),
    },
    { error: 'is missing: name the secrets, as infra/cloud/stages/dev.yml does' },
  ),
  /** An EKS cluster by its name, instead of a kubeconfig; with an access entry for each function that reaches it. */
  eksCluster: z.string().min(1).max(100).optional(),
  /** Where that cluster is, as `aws eks describe-cluster` has it: then nobody asks EKS. */
  eksEndpoint: z.url({ protocol: /^https$/, error: 'is no https URL: give the endpoint that aws eks describe-cluster has' }).optional(),
  eksCertificateAuthority: z.base64({ error: 'is no base64: give certificateAuthority.data as aws eks describe-cluster has it' }).min(1).optional(),
  /** Off where somebody else lets the functions' roles into that cluster. */
  eksAccessEntries: z.boolean().default(true),
  logRetentionDays: z.literal(retentionDays, { error: `is not among the days that CloudWatch takes: ${retentionDays.join(', ')}` }),
  alarms: z
    .strictObject({
      /** Who is told; without it the alarms are there to be looked at. */
      topicArn: arn('sns', 'arn:aws:sns:eu-central-1:123456789012:on-call').optional(),
      /** Retries of a queue within five minutes that are no news. */
      retriesMax: z.int().min(1).default(50),
      /** Requests that a webhook may refuse within five minutes: its URL is public, and strangers try it. */
      clientErrorsMax: z.int().min(0).default(10),
      /** Seconds that the oldest message of a queue may have waited. Timers wait for up to 900. */
      ageSecondsMax: z.int().min(60).default(1_800),
    })
    .prefault({}),
  watcher: z
    .strictObject({
      /** IAM roles for service accounts: the cluster's OIDC provider in IAM. */
      oidcProviderArn: arn('iam', 'arn:aws:iam::123456789012:oidc-provider/oidc.eks.eu-central-1.amazonaws.com/id/…')
        .regex(/:oidc-provider\/./, 'is no OIDC provider: its ARN holds :oidc-provider/')
        .optional(),
      /** EKS Pod Identity: the cluster whose watcher gets the role. */
      podIdentityCluster: z.string().min(1).max(100).optional(),
    })
    .prefault({}),
  /** Alerts by SNS, as Amazon Managed Prometheus sends them. */
  alertTopic: z
    .strictObject({
      /** A topic that exists; otherwise one is made. */
      topicArn: arn('sns', 'arn:aws:sns:eu-central-1:123456789012:alerts').optional(),
      /** The only workspace that may publish to the one that is made; otherwise those of the account. */
      workspaceArn: arn('aps', 'arn:aws:aps:eu-central-1:123456789012:workspace/ws-…').optional(),
      /** The key that the one that is made is encrypted with; its policy lets aps.amazonaws.com use it. */
      keyArn: arn('kms', 'arn:aws:kms:eu-central-1:123456789012:key/…').optional(),
      /** Without SNS's envelope, which says when a notification was sent. */
      rawDelivery: z.boolean().default(false),
    })
    .optional(),
  /** Subnets with a way out (a NAT), in which the functions run that speak to the database. */
  network: z
    .strictObject({
      vpcId: z.string().regex(/^vpc-/, 'is no VPC: give one as vpc-0123456789abcdef0'),
      subnetIds: z
        .array(z.string().regex(/^subnet-/, 'is no subnet'))
        .min(2)
        .max(16),
      /** And those that speak to the cluster: for an API server that has only a private address. */
      reachesCluster: z.boolean().default(false),
    })
    .optional(),
  /** The audit database: whether one is made, and whom it is known by. */
  database: z
    .strictObject({
      /** An Aurora Serverless v2, its capacity in ACU; at 0 it sleeps when nothing happens, and takes some 15 s to wake. */
      aurora: z.strictObject({ minCapacity: z.number().min(0).max(256).multipleOf(0.5), maxCapacity: z.number().min(1).max(256).multipleOf(0.5) }).optional(),
      /** Amazon's certificate authorities are known to the functions: for RDS of any kind. */
      trustsAmazon: z.boolean().optional(),
    })
    .prefault({}),
  /** Any variable of the functions (docs/operations.md) that serverless.yml does not set itself. */
  environment: z.partialRecord(z.enum(settableVariables as [string, ...string[]]), z.coerce.string()).default({}),
  /** Of an emulator, for functions that run there; never of AWS itself. */
  endpoint: z.url().optional(),
});

export const parameterNames = Object.keys(parametersSchema.shape);

export type Parameters = z.infer<typeof parametersSchema>;

/** A stage's parameters, and which stage it is. */
export interface Stage extends Parameters {
  readonly service: string;
  readonly name: string;
}

export class StageInvalid extends Error {
  override readonly name = 'StageInvalid';

  constructor(message: string) {
    super(message);
    this.stack = message; // the deployer prints the stack, of which only this sentence helps
  }
}

/** Throws one sentence a mistake, each with the file, the field and the remedy. */
export function parseStage(service: string, name: string, parameters: unknown): Stage {
  const file = `infra/cloud/stages/${name}.yml`;
  if (typeof parameters !== 'object' || parameters === null)
    throw new StageInvalid(`${file} is missing: copy infra/cloud/stages/dev.yml and give your own values, or deploy with --stage dev or --stage production`);
  const parsed = parametersSchema.safeParse(parameters);
  const mistakes = parsed.success
    ? contradictions(parsed.data)
    : parsed.error.issues.map(({ path, message }) => ({ field: path.join('.') || 'the file', message }));
  if (!parsed.success || mistakes.length > 0) throw new StageInvalid(mistakes.map(({ field, message }) => `${file}: ${field} ${lowered(message)}`).join('\n'));
  return { ...parsed.data, service, name };
}

interface Mistake {
  readonly field: string;
  readonly message: string;
}

function contradictions(parameters: Parameters): readonly Mistake[] {
  const { alertTopic, secrets, eksCluster, watcher, network, database } = parameters;
  const ways = [secrets.kubeconfig, eksCluster].filter((way) => way !== undefined).length;
  return [
    ...(ways === 1
      ? []
      : [
          {
            field: 'secrets.kubeconfig',
            message: `${ways === 0 ? 'is missing' : 'is given beside eksCluster'}: give exactly one of secrets.kubeconfig and eksCluster`,
          },
        ]),
    ...addressContradictions(parameters),
    ...databaseContradictions(secrets.databaseUrl, database.aurora !== undefined, network !== undefined),
    ...(alertTopic?.topicArn !== undefined && alertTopic.keyArn !== undefined
      ? [{ field: 'alertTopic.keyArn', message: 'is given beside alertTopic.topicArn: a topic that exists has a key of its own, so leave this one out' }]
      : []),
    ...(watcher.oidcProviderArn !== undefined && watcher.podIdentityCluster !== undefined
      ? [{ field: 'watcher.podIdentityCluster', message: 'is given beside watcher.oidcProviderArn: the watcher needs one of them' }]
      : []),
  ];
}

function addressContradictions({
  eksCluster,
  eksEndpoint,
  eksCertificateAuthority,
}: Pick<Parameters, 'eksCluster' | 'eksEndpoint' | 'eksCertificateAuthority'>): readonly Mistake[] {
  if (eksEndpoint === undefined && eksCertificateAuthority === undefined) return [];
  const field = eksEndpoint === undefined ? 'eksCertificateAuthority' : 'eksEndpoint';
  if (eksEndpoint === undefined || eksCertificateAuthority === undefined)
    return [{ field, message: 'is given alone: give both eksEndpoint and eksCertificateAuthority, or neither' }];
  return eksCluster === undefined ? [{ field, message: 'is given without eksCluster: name the cluster, or leave it out, since a kubeconfig has its own' }] : [];
}

function databaseContradictions(url: SecretSource | undefined, isMade: boolean, hasNetwork: boolean): readonly Mistake[] {
  const field = 'secrets.databaseUrl';
  if (!isMade) {
    return url === undefined
      ? [{ field, message: "is missing: give the name or the ARN of the secret that holds the audit database's address, or ask for one by database.aurora" }]
      : [];
  }
  return [
    ...(url === undefined ? [] : [{ field, message: 'is given beside database.aurora, which makes a secret of its own: leave one of them out' }]),
    ...(hasNetwork ? [] : [{ field: 'network', message: 'is missing: database.aurora needs the VPC and the subnets to be in' }]),
  ];
}

/** zod's own messages begin with a capital, ours follow the field. */
function lowered(message: string): string {
  return /^(is|are) /.test(message) ? message : `is refused: ${message}`;
}
