import type { AnalysisProvider } from '../../functions/ai-analysis/provider.ts';
import type { ClusterChoice } from '../../infra/local/stack/cluster-choice.ts';
import { readOne, workflowKind } from '../../infra/local/story/observe.ts';
import type { JsonObject } from '../../shared/api/json.ts';
import { kinds } from '../../shared/api/kinds.ts';
import { approveAnnotation, defaultNamespace } from '../../shared/api/labels.ts';
import type { KubernetesObject } from '../../shared/api/object-ref.ts';
import { addSeconds, type Instant } from '../../shared/api/time.ts';
import { successOf } from '../../shared/kubernetes/cluster.ts';
import type { ApiRequest, Transport } from '../../shared/kubernetes/request.ts';
import { collectionPath, objectPath } from '../../shared/kubernetes/resource-path.ts';
import { stringAt, valueAt } from '../../shared/kubernetes/unstructured.ts';
import { holdableFunctions, type HoldableFunctions } from './holdable.ts';
import { accountKubeconfig, bind, createClusterRole, transportBy } from './people.ts';
import { aRealStack, type RealStack, type RealStackOptions } from './real-stack.ts';
import { anotherKey, makeWorkload } from './tales.ts';

/** Everybody who may write, and some who may not: people by the roles of the chart, accounts by their tokens. */
export const Attacker = ['ada', 'bob', 'eve', 'mallory', 'root', 'functions', 'watcher'] as const;
export type Attacker = (typeof Attacker)[number];

/** `asked` waits for a decision, so do `byHand`, which is of a request of bob's, and `late`, whose time is over and nobody has noticed; `over` is done. */
export const Scene = ['asked', 'byHand', 'late', 'over'] as const;
export type Scene = (typeof Scene)[number];

export interface ApprovalWorld {
  readonly stack: RealStack;
  readonly functions: HoldableFunctions;
  /** Paths. */
  readonly kubeconfigs: Readonly<Record<Attacker, string>>;
  /** A production namespace of that name with something to remedy there. Its alert is answered by a plan that asks for a decision. */
  askIn(namespace: string): Promise<KubernetesObject>;
  /** As it is now. */
  workflow(name: string): Promise<KubernetesObject>;
  workflowIs(name: string, phase: string): Promise<void>;
}

/** Everything needs an approval that is found in production: a key of a ConfigMap is a moderate risk. */
const adviser: AnalysisProvider = { name: 'scripted', investigate: (question) => Promise.resolve(anotherKey(question)) };

/** The product as in production, on either cluster, with people. Stop its stack. */
export async function anApprovalWorld(cluster: ClusterChoice, options: RealStackOptions = {}): Promise<ApprovalWorld> {
  const functions = holdableFunctions();
  const variables = { KUBERNAUT_SELF_APPROVAL: 'forbidden', KUBERNAUT_COOLDOWN_SECONDS: '0', KUBERNAUT_MONITORING_SECONDS: '1' };
  const stack = await aRealStack({ cluster, provider: adviser, variables, aroundFunctions: functions.around, ...options });
  try {
    return { stack, functions, kubeconfigs: await peopleOf(stack), ...watching(stack) };
  } catch (error) {
    await stack.stop();
    throw error;
  }
}

function watching(stack: RealStack): Pick<ApprovalWorld, 'askIn' | 'workflow' | 'workflowIs'> {
  const workflow = async (name: string) => {
    const found = await readOne(stack.admin, workflowKind, { namespace: defaultNamespace, name });
    if (found === null) throw new Error(`there is no workflow ${name}`);
    return found;
  };
  return {
    workflow,
    async askIn(namespace) {
      await makeWorkload(stack, namespace, 'production');
      const { metadata } = await stack.alert(`Ask-${namespace}`, { namespace, deployment: 'app' });
      return asked(stack, metadata.name);
    },
    workflowIs: (name, phase) => stack.eventually(`${name} is ${phase}`, async () => stringAt(await workflow(name), 'status', 'phase') === phase),
  };
}

/** The workflow of a request, once it waits for a person. */
export async function asked(stack: RealStack, request: string): Promise<KubernetesObject> {
  const find = () => readOne(stack.admin, workflowKind, { namespace: defaultNamespace, name: `${request}-workflow` });
  await stack.eventually(`the workflow of ${request} asks`, async () => valueAt(await find(), 'status', 'approval') !== undefined);
  const workflow = await find();
  if (workflow === null) throw new Error(`the workflow of ${request} is gone`);
  return workflow;
}

async function peopleOf(stack: RealStack): Promise<Readonly<Record<Attacker, string>>> {
  const { group, plural } = kinds.RemediationRequest;
  await createClusterRole(stack, 'requesting', [{ apiGroups: [group], resources: [plural], verbs: ['create'] }]);
  await createClusterRole(stack, 'impersonating', [
    { apiGroups: [''], resources: ['users'], resourceNames: ['bob'], verbs: ['impersonate'] },
    { apiGroups: [''], resources: ['serviceaccounts'], resourceNames: ['kubernaut-functions'], verbs: ['impersonate'] },
    { apiGroups: ['authentication.k8s.io'], resources: ['userextras/approver'], verbs: ['impersonate'] },
  ]);
  const roles = { ada: ['kubernaut-operator'], bob: ['kubernaut-operator', 'requesting'], eve: ['kubernaut-viewer'] };
  for (const [name, names] of Object.entries(roles)) for (const role of names) await bind(stack, name, role);
  await bind(stack, 'mallory', 'impersonating', 'everywhere');
  const person = (name: string) => stack.kubeconfigOf({ name });
  return {
    ada: await person('ada'),
    bob: await person('bob'),
    eve: await person('eve'),
    mallory: await person('mallory'),
    root: stack.kubeconfig,
    functions: await accountKubeconfig(stack, 'kubernaut-functions'),
    watcher: await accountKubeconfig(stack, 'kubernaut-watcher'),
  };
}

/** The four scenes, each a workflow of its own: their names. */
export async function setScenes(world: ApprovalWorld): Promise<Readonly<Record<Scene, string>>> {
  const { functions, kubeconfigs } = world;
  const [waiting, late, over, byHand] = await Promise.all([world.askIn('asked'), world.askIn('late'), world.askIn('over'), requestByHand(world)]);
  await decide(transportBy(kubeconfigs.ada), over.metadata.name, { [approveAnnotation]: 'true' });
  await world.workflowIs(over.metadata.name, 'completed');
  functions.hold(pathOf(late.metadata.name));
  await expireAt(world, late.metadata.name, -1);
  return { asked: waiting.metadata.name, late: late.metadata.name, over: over.metadata.name, byHand: byHand.metadata.name };
}

async function requestByHand({ stack, kubeconfigs }: ApprovalWorld): Promise<KubernetesObject> {
  const namespace = 'by-hand';
  await makeWorkload(stack, namespace, 'production');
  const { apiVersion } = kinds.RemediationRequest;
  const spec = { severity: 'warning', target: { kind: 'Deployment', name: 'app', namespace }, alertName: 'ByHand', alertFingerprint: 'by-hand' };
  const body = { apiVersion, kind: 'RemediationRequest', metadata: { name: 'of-bob', namespace: defaultNamespace }, spec };
  await sent(transportBy(kubeconfigs.bob), { method: 'POST', path: collectionPath(body, defaultNamespace), body });
  return asked(stack, 'of-bob');
}

/** Moves the end of the time to decide, as the functions wrote it, so that nobody waits for a quarter of an hour; answers it. */
export async function expireAt({ stack, functions }: ApprovalWorld, name: string, inSeconds: number): Promise<Instant> {
  const expiresAt = addSeconds(stack.clock.now(), inSeconds);
  await writeStatus(functions.free(), name, { approval: { expiresAt } });
  return expiresAt;
}

/** Another order of the same steps, as only the functions could write it. */
export async function changePlan({ functions, workflow }: ApprovalWorld, name: string): Promise<void> {
  const order = valueAt(await workflow(name), 'status', 'executionPlan', 'executionOrder') as readonly JsonObject[];
  await writeStatus(functions.free(), name, { executionPlan: { executionOrder: order.map((batch) => ({ ...batch, parallel: true })) } });
}

async function writeStatus(transport: Transport, name: string, status: JsonObject): Promise<void> {
  await sent(transport, { method: 'PATCH', path: pathOf(name, 'status'), patchType: mergePatch, body: { status } });
}

export function pathOf(name: string, subresource?: string): string {
  return objectPath({ ...workflowKind, name, namespace: defaultNamespace }, subresource);
}

export async function decide(transport: Transport, name: string, annotations: JsonObject): Promise<void> {
  await sent(transport, { method: 'PATCH', path: pathOf(name), patchType: mergePatch, body: { metadata: { annotations } } });
}

const mergePatch = 'application/merge-patch+json';

async function sent(transport: Transport, request: ApiRequest): Promise<void> {
  successOf(request, await transport.send(request, 10_000));
}
