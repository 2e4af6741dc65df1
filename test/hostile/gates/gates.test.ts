import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { createObject } from '../../../infra/local/stack/install.ts';
import { jobKind, listAll } from '../../../infra/local/story/observe.ts';
import { actionNames } from '../../../shared/actions/index.ts';
import type { JsonObject } from '../../../shared/api/json.ts';
import { voidAnnotation } from '../../../shared/api/labels.ts';
import type { KubernetesObject } from '../../../shared/api/object-ref.ts';
import { stringAt } from '../../../shared/kubernetes/unstructured.ts';
import { writeStatus } from '../../support/operator-world.ts';
import { functions, plain, anAdmissionRequest } from '../../support/admission.ts';
import { seed, tell } from '../sweep.ts';
import { carryOut, provideTargets } from './carry-out.ts';
import { parametersWith, places, type Place } from './places.ts';
import { together, type Accepted } from './together.ts';
import { vectorOf } from './vectors.ts';
import { aGatesWorld, anExecutionOf, aWorkflowOf, type GatesWorld } from './world.ts';

const refusedMin = 200; // for each action, at each gate
const atOnce = 10; // as many as a batch of the queue holds

const gates = ['admission', 'planning', 'execution validation', 'argv building'] as const;
type Gate = (typeof gates)[number];

/** What a gate said: null where it let the value pass. */
type Said = Readonly<Record<Gate, string | null>>;

let world: GatesWorld;
const refusedCounts = new Map<string, number>();
const accepted: Accepted[] = [];
let made = 0;

beforeAll(async () => {
  world = await aGatesWorld();
  await createObject(world.admin, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'production' } });
});

/** What acts is an execution; what a workflow plans is planning's own to judge. */
async function askAdmission(place: Place, parameters: string): Promise<string | null> {
  const object = anExecutionOf('asked', place.action, { here: '@parameters' });
  const request = plain(anAdmissionRequest('KubernetesExecution', { object: object as unknown as JsonObject, userInfo: functions }));
  const body = JSON.stringify({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', request }).replace('{"here":"@parameters"}', () => parameters);
  const { status, text } = await world.review(body);
  expect(status).toBe(200);
  const { response } = JSON.parse(text) as { readonly response: { readonly allowed: boolean; readonly status?: { readonly message: string } } };
  return response.allowed ? null : (response.status?.message ?? '');
}

/** Null: the phase let it pass. */
async function verdict(object: KubernetesObject, unread: ReadonlyMap<string, string>): Promise<string | null> {
  const found = await world.cluster.get({ apiVersion: object.apiVersion, kind: object.kind, namespace: 'kubernaut-system', name: object.metadata.name });
  if (stringAt(found, 'status', 'phase') === 'failed') return `${stringAt(found, 'status', 'reason')}: ${stringAt(found, 'status', 'message')}`;
  return unread.get(object.metadata.name) ?? null;
}

const begun = () => ({ startTime: new Date().toISOString(), phaseStartTime: new Date().toISOString() });

async function askPlanning(place: Place, parameters: readonly JsonObject[]): Promise<readonly (string | null)[]> {
  const stored = await Promise.all(parameters.map((each) => createObject(world.admin, aWorkflowOf(`wf-${(made += 1)}`, place.action, each))));
  await Promise.all(stored.map((workflow) => writeStatus(world.admin, workflow, { phase: 'planning', ...begun() })));
  const unread = await world.deliver('WorkflowExecution', namesOf(stored));
  return Promise.all(stored.map((workflow) => verdict(workflow, unread)));
}

/** First as it came, then as if every gate before had let it pass: in the phase that makes the Job. */
async function askExecution(place: Place, parameters: readonly JsonObject[]): Promise<readonly (readonly (string | null)[])[]> {
  const stored = await Promise.all(parameters.map((each) => createObject(world.admin, anExecutionOf(`ke-${(made += 1)}`, place.action, each))));
  const unread = await world.deliver('KubernetesExecution', namesOf(stored));
  const validation = await Promise.all(stored.map((execution) => verdict(execution, unread)));
  const refused = stored.filter((_execution, index) => validation[index] !== null);
  await Promise.all(
    refused.map((execution) => writeStatus(world.admin, execution, { phase: 'executing', ...begun(), reason: '', message: '', completionTime: null })),
  );
  const unreadAgain = await world.deliver('KubernetesExecution', namesOf(refused));
  const argv = await Promise.all(stored.map((execution) => verdict(execution, unreadAgain)));
  return stored.map((_execution, index) => [validation[index] ?? null, argv[index] ?? null]);
}

function namesOf(objects: readonly KubernetesObject[]): readonly string[] {
  return objects.map(({ metadata }) => metadata.name);
}

async function ask(place: Place, values: readonly string[]): Promise<readonly Said[]> {
  const texts = values.map((value) => parametersWith(place, value));
  const parameters = texts.map((text) => JSON.parse(text) as JsonObject);
  const [admission, planning, execution] = await Promise.all([
    Promise.all(texts.map((text) => askAdmission(place, text))),
    askPlanning(place, parameters),
    askExecution(place, parameters),
  ]);
  return values.map((_value, index) => ({
    admission: admission[index] ?? null,
    planning: planning[index] ?? null,
    'execution validation': execution[index]?.[0] ?? null,
    'argv building': execution[index]?.[1] ?? null,
  }));
}

describe.each(actionNames)('%s', (action) => {
  it.each(places.filter((place) => place.action === action))('is refused at each gate by itself, or at none: $name', async (place) => {
    const disagreed: unknown[] = [];
    const unnamed: unknown[] = [];
    for (let at = 0; at < place.values.length; at += atOnce) {
      const values = place.values.slice(at, at + atOnce);
      for (const [index, said] of (await ask(place, values)).entries()) {
        const value = values[index] ?? '';
        const refusals = gates.filter((gate) => said[gate] !== null);
        for (const gate of refusals) refusedCounts.set(`${action} ${gate}`, (refusedCounts.get(`${action} ${gate}`) ?? 0) + 1);
        if (refusals.length === 0) accepted.push({ place, value });
        else if (refusals.length < gates.length) disagreed.push([value, said]);
        unnamed.push(
          ...refusals.filter((gate) => said[gate]?.includes(place.field) !== true || /\p{Cc}/u.test(said[gate] ?? '')).map((gate) => [gate, value, said[gate]]),
        );
      }
    }
    expect(disagreed).toEqual([]);
    expect(unnamed).toEqual([]);
  });
});

describe('what was refused', () => {
  // With it end controllers that have thousands of void Jobs to look through, and would keep this process from anything else.
  afterAll(() => world.close());

  it('is at least 200 values for each action at each gate', () => {
    for (const action of actionNames)
      tell(
        `${action}: ${gates.map((gate) => `${gate} ${refusedCounts.get(`${action} ${gate}`) ?? 0}`).join(', ')} refused; ${accepted.filter(({ place }) => place.action === action).length} harmless (seed ${seed})`,
      );
    const counts = actionNames.flatMap((action) => gates.map((gate) => refusedCounts.get(`${action} ${gate}`) ?? 0));
    expect(Math.min(...counts)).toBeGreaterThanOrEqual(refusedMin);
  });

  it('never came near a process: no Job but void ones that hold a name, no pod, no kubectl', async () => {
    const jobs = await listAll(world.admin, jobKind);
    expect(
      jobs.filter(({ metadata, ...job }) => metadata.annotations?.[voidAnnotation] === undefined || (job['spec'] as JsonObject)['suspend'] !== true),
    ).toEqual([]);
    expect([...new Set(jobs.map((job) => JSON.stringify(commandOf(job))))]).toEqual(['["kubectl","version","--client"]']);
    expect(await listAll(world.admin, { apiVersion: 'v1', kind: 'Pod' }, 'kubernaut-system')).toEqual([]);
    expect(world.executor.started).toEqual([]);
  });
});

function commandOf(job: KubernetesObject): unknown {
  const { template } = job['spec'] as { readonly template: { readonly spec: { readonly containers: readonly { readonly command: readonly string[] }[] } } };
  return template.spec.containers[0]?.command;
}

/** Nothing to do, or too much at once: what the world looks like, and not what the value is. */
function stoppedBy(reason: string): string | undefined {
  return ['precondition_failed', 'completed', ''].find((known) => known === reason);
}

describe('what was harmless', () => {
  it('reaches the process as one argument, byte for byte, or is stopped by what the world looks like', async () => {
    const fresh = await aGatesWorld();
    onTestFinished(() => fresh.close());
    const wanted = together(accepted);
    expect(wanted.length).toBeGreaterThan(0);
    await provideTargets(fresh, wanted);
    const told = new Map<string, number>();
    for (let at = 0; at < wanted.length; at += atOnce) {
      const some = wanted.slice(at, at + atOnce);
      for (const [index, outcome] of (await Promise.all(some.map((each) => carryOut(fresh, each)))).entries()) {
        const { action, parameters } = some[index] ?? { action: '', parameters: {} };
        const arrived = outcome.kind === 'stopped' ? outcome.reason : { argv: outcome.started.argv, files: outcome.started.files };
        expect(arrived).toEqual(outcome.kind === 'stopped' ? stoppedBy(outcome.reason) : vectorOf(action, parameters));
        const word = outcome.kind === 'stopped' ? 'stopped' : 'started';
        told.set(word, (told.get(word) ?? 0) + 1);
      }
    }
    expect(fresh.executor.started.length).toBeGreaterThanOrEqual(told.get('started') ?? 0);
    tell(
      `harmless: ${accepted.length} values, each in one argument of ${told.get('started') ?? 0} processes; ${told.get('stopped') ?? 0} met a precondition before`,
    );
  });
});
