import { setTimeout as wait } from 'node:timers/promises';
import type { AnalysisProvider, Question } from '../../functions/ai-analysis/provider.ts';
import { rulesProvider } from '../../functions/ai-analysis/rules/engine.ts';
import { createObject } from '../../infra/local/stack/install.ts';
import { jobKind, phaseIsTerminal, readOne, requestKind } from '../../infra/local/story/observe.ts';
import type { Story } from '../../infra/local/story/story.ts';
import { TookTooLong } from '../../infra/local/story/wait-until.ts';
import { sha256Hex } from '../../shared/api/digest.ts';
import { kinds, type KindName } from '../../shared/api/kinds.ts';
import type { KubernetesObject } from '../../shared/api/object-ref.ts';
import { isTerminal } from '../../shared/api/status.ts';
import { stringAt } from '../../shared/kubernetes/unstructured.ts';
import { storyOf, type RealStack } from './real-stack.ts';
import { expire } from './retention.ts';

/** Alerts here are investigated for long. */
export const slow = 'slow';
/** Alerts here are remedied at once, by a key of ConfigMap `c`. */
export const quick = 'quick';

const slowMilliseconds = 8_000; // long enough to be cancelled meanwhile

/** Answers of the story for what it is about, takes long for one namespace and knows at once what another needs; else the embedded rules. */
export const anInvestigator: AnalysisProvider = {
  name: 'scripted',
  async investigate(question, signal) {
    const { namespace } = question.spec.target;
    if (namespace === 'shop') return storyOf('three-steps').analysis;
    if (namespace === quick) return anotherKey(question);
    if (namespace === slow) await wait(slowMilliseconds, undefined, { signal }).catch(() => undefined);
    return rulesProvider.investigate(question, signal);
  },
};

/** The key is named after the alert, so that each alert finds something to do. */
export function anotherKey({ spec: { alertContext, target } }: Question): object {
  const { name, severity } = alertContext;
  const { apiVersion, kind, namespace } = target;
  const ref = { apiVersion, kind, name: target.name, namespace };
  const parameters = { namespace, configmap: 'c', data: { [sha256Hex(name).slice(0, 12)]: 'on' } };
  return {
    findings: [{ id: 'f', detector: 'told', severity, confidence: 0.95, summary: 'a key is missing', evidence: [{ ref, field: 'spec', text: 'no key' }] }],
    summary: 'A key is missing',
    rootCause: 'A key is missing',
    recommendation: 'Add the key',
    candidates: [{ action: 'patch_configmap', description: 'Add the key', confidence: 0.95, impact: 'high', parameters, findings: ['f'] }],
  };
}

/** Tells enough that the functions and the watcher need nearly all that they may do. */
export async function tellEverything(stack: RealStack): Promise<void> {
  await refuseDeeds(stack, 'refused');
  await makeWorkload(stack, slow);
  await makeWorkload(stack, quick);
  const told = ['payment-api-memory', 'bad-config-value', 'crash-looping-pod', 'three-steps'].map(storyOf);
  await tellAtOnce(stack, [...told, moved(storyOf('bad-config-value'), 'pricing', 'refused')]);
  if (!(await isIn(stack, 'KubernetesExecution', 'failed', 'refused'))) throw new Error('nothing was refused');
  await Promise.all([cancelAtWork(stack), cancelWhileInvestigating(stack)]);
  await askAboutEveryKind(stack);
  await outliveRetention(stack);
}

/** A story that is over waits until all is quiet, which the others may not grant it. */
async function tellAtOnce(stack: RealStack, stories: readonly Story[]): Promise<void> {
  const told = stories.map((story) =>
    stack.play(story).catch((error: unknown) => {
      if (!(error instanceof TookTooLong)) throw error;
    }),
  );
  await Promise.all(told);
  const areOver = async () => (await stack.all(requestKind)).filter(phaseIsTerminal).length === stories.length;
  await stack.eventually('every story has come to its end', areOver);
}

/** The same story in another namespace, about another firing. */
function moved(story: Story, from: string, to: string): Story {
  const fingerprint = `"fingerprint":"${sha256Hex(to).slice(0, 4)}`;
  const text = JSON.stringify(story).replaceAll(from, to);
  return JSON.parse(text.replaceAll(/"fingerprint":"[0-9a-f]{4}/g, fingerprint)) as Story;
}

/** Lets a rehearsal pass and refuses the deed: so a Job fails, and its logs and events are looked at. Done when the API server does so. */
export async function refuseDeeds(stack: RealStack, namespace: string): Promise<void> {
  const { admin } = stack;
  const [apiVersion, metadata, probed] = ['admissionregistration.k8s.io/v1', { name: 'of-a-test' }, `${namespace}-too`];
  const resourceRules = [{ apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'], operations: ['UPDATE'] }];
  const validations = [{ expression: `request.?dryRun.orValue(false) || !request.namespace.startsWith("${namespace}")`, message: 'not today' }];
  const spec = { matchConstraints: { resourceRules }, validations };
  await createObject(admin, { apiVersion, kind: 'ValidatingAdmissionPolicy', metadata, spec });
  const binding = { policyName: metadata.name, validationActions: ['Deny'] };
  await createObject(admin, { apiVersion, kind: 'ValidatingAdmissionPolicyBinding', metadata, spec: binding });
  await makeWorkload(stack, probed);
  const path = `/api/v1/namespaces/${probed}/configmaps/c`;
  const body = { data: { a: 'b' } };
  const write = () => admin.send({ method: 'PATCH', path, patchType: 'application/merge-patch+json', body }, 10_000);
  await stack.eventually('the policy is in force', async () => (await write()).status === 422);
}

/** A namespace with a Deployment `app` and an empty ConfigMap `c`; nothing needs an approval but in production. */
export async function makeWorkload({ admin }: Pick<RealStack, 'admin'>, namespace: string, environment = 'development'): Promise<void> {
  const labels = { app: 'app' };
  const template = { metadata: { labels }, spec: { containers: [{ name: 'app', image: 'registry.example/app:1' }] } };
  const spec = { selector: { matchLabels: labels }, template };
  await createObject(admin, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, labels: { environment } } });
  await createObject(admin, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c', namespace } });
  await createObject(admin, { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'app', namespace }, spec });
}

/** Past the Job, while its replicas are waited for. */
async function cancelAtWork(stack: RealStack): Promise<void> {
  const ending = new AbortController();
  const playing = stack.play(moved(storyOf('payment-api-memory'), 'production', 'cancelled'), ending.signal).catch(() => undefined);
  const isActing = async () => (await isIn(stack, 'KubernetesExecution', 'executing', 'cancelled')) && (await stack.all(jobKind)).some(isDoneFor('cancelled'));
  await stack.eventually('an execution waits for its replicas', isActing);
  const request = (await stack.all(requestKind)).find((each) => stringAt(each, 'spec', 'target', 'namespace') === 'cancelled');
  if (request === undefined) throw new Error('nothing runs that could be cancelled');
  await cancel(stack, request);
  await stack.eventually('the request is over', () => isOver(stack, request));
  ending.abort(new Error('told'));
  await playing;
}

const isDoneFor = (namespace: string) => (job: KubernetesObject) =>
  JSON.stringify(job['spec']).includes(`--namespace=${namespace}`) && stringAt(job, 'status', 'completionTime') !== null;

async function cancelWhileInvestigating(stack: RealStack): Promise<void> {
  const request = await stack.alert('Slow', { namespace: slow, deployment: 'app' });
  await stack.eventually('somebody investigates', () => isIn(stack, 'AIAnalysis', 'investigating', slow));
  await cancel(stack, request);
  await stack.eventually('the request is over', () => isOver(stack, request));
}

const kindsOfTargets = ['StatefulSet', 'DaemonSet', 'ReplicaSet', 'Job', 'CronJob', 'PersistentVolumeClaim', 'HorizontalPodAutoscaler', 'Node'];

/** Alerts about what is not there: each kind is looked for. A pod that is there leads to its Deployment, and the request is found by that. */
async function askAboutEveryKind(stack: RealStack): Promise<void> {
  const ofKinds = kindsOfTargets.map((kind) => {
    const namespace = kind === 'Node' ? {} : { namespace: slow };
    return stack.alert(`No${kind}`, { ...namespace, 'kubernaut.io/target-kind': kind, 'kubernaut.io/target-name': 'gone' });
  });
  const [pod] = await stack.all({ apiVersion: 'v1', kind: 'Pod' }, slow);
  const requests = await Promise.all([...ofKinds, stack.alert('OfAPod', { namespace: slow, pod: pod?.metadata.name ?? '' })]);
  for (const request of requests) await stack.eventually(`${stringAt(request, 'spec', 'alertName') ?? ''} is over`, () => isOver(stack, request));
}

async function outliveRetention(stack: RealStack): Promise<void> {
  const [request] = await stack.all(requestKind);
  if (request === undefined) throw new Error('there is no request to outlive');
  await expire(stack, request);
  const place = { namespace: 'kubernaut-system', name: request.metadata.name };
  await stack.eventually('the sweeper has deleted it', async () => (await readOne(stack.admin, requestKind, place)) === null);
}

export async function cancel(stack: RealStack, { metadata: { name } }: KubernetesObject): Promise<void> {
  await patch(stack, requestPath(name), { spec: { cancel: true } });
}

/** Its status as it is now. */
export async function statusOf({ admin }: RealStack, { metadata: { name } }: KubernetesObject): Promise<{ readonly phase?: string; readonly reason?: string }> {
  const now = await readOne(admin, requestKind, { namespace: 'kubernaut-system', name });
  return now?.['status'] ?? {};
}

export async function isOver(stack: RealStack, request: KubernetesObject): Promise<boolean> {
  return isTerminal((await statusOf(stack, request)).phase);
}

async function isIn(stack: RealStack, kind: KindName, phase: string, namespace: string): Promise<boolean> {
  const objects = await stack.all({ apiVersion: kinds[kind].apiVersion, kind });
  return objects.some((object) => stringAt(object, 'status', 'phase') === phase && JSON.stringify(object['spec']).includes(`"namespace":"${namespace}"`));
}

function requestPath(name: string): string {
  return `/apis/${kinds.RemediationRequest.apiVersion}/namespaces/kubernaut-system/${kinds.RemediationRequest.plural}/${name}`;
}

async function patch({ admin }: RealStack, path: string, body: object): Promise<void> {
  const answer = await admin.send({ method: 'PATCH', path, patchType: 'application/merge-patch+json', body: { ...body } }, 10_000);
  if (answer.status !== 200) throw new Error(`PATCH ${path}: ${answer.status}`);
}
