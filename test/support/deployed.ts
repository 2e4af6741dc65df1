import { aNotificationWith } from './alerts.ts';
import { SQSClient } from '@aws-sdk/client-sqs';
import { Kysely, PostgresDialect } from 'kysely';
import { Pool } from 'pg';
import { inject } from 'vitest';
import { emulatorCredentials } from '../../infra/local/cloud/osls.ts';
import type { Deployed } from '../../infra/local/cloud/start-deployed.ts';
import { createRealClock } from '../../infra/local/real-clock.ts';
import { listAll, phaseIsTerminal, requestKind, type Followed } from '../../infra/local/story/observe.ts';
import { postNotifications } from '../../infra/local/story/play.ts';
import { waitUntil } from '../../infra/local/story/wait-until.ts';
import type { JsonObject } from '../../shared/api/json.ts';
import type { KubernetesObject } from '../../shared/api/object-ref.ts';
import type { Database } from '../../shared/audit/tables.ts';
import { parseEnvironment } from '../../shared/environment.ts';
import { connectTransport } from '../../shared/kubernetes/connect.ts';
import type { Transport } from '../../shared/kubernetes/request.ts';
import { stringAt } from '../../shared/kubernetes/unstructured.ts';

/** What was deployed before the tests, as a person has it: an administrator's kubeconfig, the queues, the database, the webhook. */
export interface TestedDeployment extends Deployed {
  readonly admin: Transport;
  readonly sqs: SQSClient;
  readonly database: Kysely<Database>;
  /** Posts one notification for an alert with these labels; answers its body. */
  alert(alertname: string, labels: Readonly<Record<string, string>>): Promise<JsonObject>;
  /** The requests of an alert's name. */
  requestsOf(alertname: string): Promise<readonly KubernetesObject[]>;
  /** Its only request, once that has ended. */
  ended(alertname: string): Promise<KubernetesObject>;
  all(kind: Followed, namespace?: string): Promise<readonly KubernetesObject[]>;
  /** Looks again until it holds. Throws with what was waited for. */
  eventually(what: string, holds: () => Promise<boolean>, secondsMax?: number): Promise<void>;
  close(): Promise<void>;
}

const patienceSeconds = 200; // functions that start anew on a machine that is busy
const never = new AbortController().signal;

export async function theDeployment(): Promise<TestedDeployment> {
  const deployed = inject('deployed');
  const { emulator, kubeconfigFile, queueUrlPrefix, databaseUrl, webhookUrl: url, webhookToken: token } = deployed;
  const clock = createRealClock();
  const admin = await connectTransport(
    parseEnvironment({ KUBERNAUT_KUBECONFIG_FILE: kubeconfigFile, KUBERNAUT_QUEUE_URL_PREFIX: queueUrlPrefix }, ['cluster']),
  );
  const sqs = new SQSClient({ ...emulator, credentials: emulatorCredentials });
  const database = new Kysely<Database>({ dialect: new PostgresDialect({ pool: new Pool({ connectionString: databaseUrl, max: 1 }) }) });
  const requestsOf = async (alertname: string) => (await listAll(admin, requestKind)).filter((request) => stringAt(request, 'spec', 'alertName') === alertname);
  const eventually: TestedDeployment['eventually'] = (what, holds, secondsMax = patienceSeconds) =>
    waitUntil(holds, { clock, what, secondsMax, signal: never });
  return {
    ...deployed,
    admin,
    sqs,
    database,
    requestsOf,
    eventually,
    all: (kind, namespace) => listAll(admin, kind, namespace),
    async alert(alertname, labels) {
      const notification = aNotificationWith({ alertname, severity: 'warning', ...labels }, clock.now());
      await postNotifications(fetch, [notification], { url, token });
      return notification;
    },
    async ended(alertname) {
      let found: readonly KubernetesObject[] = [];
      await eventually(`the request of ${alertname} ended`, async () => {
        found = await requestsOf(alertname);
        return found.length > 0 && found.every(phaseIsTerminal);
      });
      const [request, ...others] = found;
      if (request === undefined || others.length > 0) throw new Error(`${alertname} has ${found.length} requests`);
      return request;
    },
    async close() {
      sqs.destroy();
      await database.destroy();
    },
  };
}
