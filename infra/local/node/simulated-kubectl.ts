import { parseAction } from '../../../shared/actions/index.ts';
import type { BoundAction, TargetSnapshot } from '../../../shared/actions/action.ts';
import { targetBefore } from '../../../shared/actions/target-before.ts';
import { parseKubernetesExecution, type KubernetesExecution } from '../../../shared/api/kubernetes-execution.ts';
import { controllerOf, type KubernetesObject } from '../../../shared/api/object-ref.ts';
import { wordsOf } from '../../../shared/kubernetes/cluster.ts';
import type { ApiRequest, ApiResponse, Transport } from '../../../shared/kubernetes/request.ts';
import { stringAt } from '../../../shared/kubernetes/unstructured.ts';
import { createApiClient, type ApiClient } from '../controllers/api-client.ts';
import type { Pod } from '../controllers/pod.ts';
import type { TrackedClock } from '../tracked-clock.ts';
import { argvOf, type Executor, type ExecutorExit } from './executor.ts';

export interface SimulatedKubectlOptions {
  /** To read what the pod belongs to: as an administrator, since a node may read neither Jobs nor our kinds. */
  readonly reader: Transport;
  readonly clock: TrackedClock;
  /** The API as the pod's ServiceAccount, its requests coming from that pod. */
  readonly actAs: (pod: Pod) => Promise<Transport>;
}

const firstLine = "simulated kubectl: the catalogue's own requests are sent as the pod's ServiceAccount";
const callTimeoutMilliseconds = 10_000;
const runMilliseconds = 1_000; // about what a kubectl with a warm cache takes

/** Sends what the catalogue says that kubectl sends for this execution: for stories, and for machines without kubectl. */
export function createSimulatedKubectl({ reader, clock, actAs }: SimulatedKubectlOptions): Executor {
  const client = createApiClient(reader, 'kubelet');

  async function runPod(pod: Pod, log: (text: string) => void, signal: AbortSignal): Promise<ExecutorExit> {
    log(`${firstLine}\n`);
    const found = await findAction(client, pod);
    if (found.kind === 'refused') return failure(log, `error: ${found.message}`);
    const { action, target } = found;
    await clock.sleep(runMilliseconds, signal);
    const api = await actAs(pod);
    for (const request of action.requests(target)) {
      signal.throwIfAborted();
      const answer = await api.send(request, callTimeoutMilliseconds);
      if (answer.status >= 300) return failure(log, refusalText(answer));
      const text = printed(request, answer);
      if (text !== '') log(text);
    }
    log(`${action.dryRunOutput(target).replaceAll(/ \((?:server )?dry run\)/g, '')}\n`);
    return { exitCode: 0 };
  }

  return {
    description: 'simulated kubectl',
    async run(pod, log, signal) {
      try {
        return await runPod(pod, log, signal);
      } catch (error) {
        if (signal.aborted) return { exitCode: 143 };
        return failure(log, `error: ${error instanceof Error ? error.message : String(error)}`);
      }
    },
    close: async () => undefined,
  };
}

type Found = { readonly kind: 'found'; readonly action: BoundAction; readonly target: TargetSnapshot } | { readonly kind: 'refused'; readonly message: string };

/** Pod → Job → KubernetesExecution → action. What the pod says it runs must be what the catalogue gives for it, word for word. */
async function findAction(client: ApiClient, pod: Pod): Promise<Found> {
  const execution = await executionOf(client, pod);
  if (execution === null) return refused('the pod belongs to no KubernetesExecution, and only those can be simulated');
  const parsed = parseAction(execution.spec.actionType, execution.spec.actionParams);
  if (parsed.kind !== 'known') return refused(parsed.message);
  // The Job was built from the target as it stood then; what changed since shows as other arguments, where they depend on it.
  const target = (await client.get(parsed.action.target)) ?? targetBefore(execution, parsed.action);
  const expected = parsed.action.argv(target);
  const actual = argvOf(pod);
  const same = expected.length === actual.length && expected.every((argument, index) => argument === actual[index]);
  if (!same) return refused(`the pod's arguments are not those of ${parsed.action.name}: expected kubectl ${expected.join(' ')}`);
  return { kind: 'found', action: parsed.action, target };
}

async function executionOf(client: ApiClient, { metadata }: Pod): Promise<KubernetesExecution | null> {
  const job = await controllerObject(client, { metadata }, 'Job');
  const execution = job && (await controllerObject(client, job, 'KubernetesExecution'));
  return execution && parseKubernetesExecution(execution);
}

async function controllerObject(client: ApiClient, { metadata }: Pick<KubernetesObject, 'metadata'>, kind: string): Promise<KubernetesObject | null> {
  const owner = controllerOf({ metadata });
  if (owner === null || owner.kind !== kind) return null;
  const found = await client.get({ apiVersion: owner.apiVersion, kind, name: owner.name, namespace: metadata.namespace ?? '' });
  return found?.metadata.uid === owner.uid ? found : null;
}

function refused(message: string): Found {
  return { kind: 'refused', message };
}

function failure(log: (text: string) => void, text: string): ExecutorExit {
  log(`${text}\n`);
  return { exitCode: 1 };
}

/** As kubectl prints a refusal. */
function refusalText({ status, body }: ApiResponse): string {
  return `Error from server (${stringAt(body, 'reason') ?? status}): ${wordsOf(body, status)}`;
}

/** Logs and the like are text, and are what the command is for. */
function printed({ method }: ApiRequest, { body }: ApiResponse): string {
  return method === 'GET' && typeof body === 'string' ? body : '';
}
