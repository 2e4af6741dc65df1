import type { Kysely } from 'kysely';
import { seededRandom } from '../../../infra/local/stack/random.ts';
import { readServerlessFile } from '../../../infra/local/stack/serverless-file.ts';
import { startStoryStack, type StoryStack, type Surroundings } from '../../../infra/local/stack/story-stack.ts';
import { scriptedProvider } from '../../../infra/local/story/scripted-provider.ts';
import { readStory, type Story } from '../../../infra/local/story/story.ts';
import { createTrailRecorder, trailLine, type TrailRecorder } from '../../../infra/local/story/trail.ts';
import { stringAt } from '../../../shared/kubernetes/unstructured.ts';
import type { Database } from '../../../shared/audit/tables.ts';
import type { KubernetesObject } from '../../../shared/api/object-ref.ts';
import { millisecondsOf } from '../../../shared/api/time.ts';
import type { VirtualClock } from '../../../infra/local/virtual-clock.ts';
import { silentLogger, type Logger } from '../../../shared/telemetry/logger.ts';
import { check } from '../checkers.ts';
import { beginning, comeToItsEnd, empty, end, postUntilAccepted, root, setTheScene } from '../course.ts';
import { withRivals } from '../people.ts';
import type { Violation } from '../violation.ts';
import { createWitness, readFamily, type Witness } from '../witness.ts';
import { auditViolations } from './audit-promises.ts';
import { biographies, startChronicle, type Entry } from './chronicle.ts';
import { missedADeadline, verdictWithCause, type Window } from './deadline-promises.ts';
import type { Gate, GatedDatabase } from './gated-database.ts';
import { historyViolations, realJobs } from './history-promises.ts';
import { createLives, type Lives } from './lives.ts';
import { messageViolations, type Overheard } from './message-promises.ts';
import { mutated } from './mutated.ts';
import { createOutage, type Outage } from './outage.ts';
import { actAtTheDeath } from './person.ts';
import type { Report, Run } from './run.ts';
import { troubledQueues } from './troubled-queues.ts';
import { troubledTransport, troubledWatches, type Trouble } from './troubled-transport.ts';

const invocationsMax = 5_000;
const serverless = readServerlessFile(root);

/** Everything that a run is played with. */
interface Stage {
  readonly run: Run;
  readonly story: Story;
  readonly witness: Witness;
  readonly overheard: Overheard[];
  readonly outside: { stack?: StoryStack; lives?: Lives; outage?: Outage; hand: Promise<void>; isLate: boolean };
}

/** Plays one run: a settled world, an alert, the fault, calm; then what must hold is held against what came of it. */
export async function playRun(run: Run, { database, setGate }: GatedDatabase, logger: Logger = silentLogger): Promise<Report> {
  await empty(database);
  const read = readStory(root, run.story);
  const story = run.rivals > 0 ? withRivals(read, run.rivals) : read;
  const outside: Stage['outside'] = { hand: Promise.resolve(), isLate: false };
  const stage: Stage = { run, story, witness: createWitness(() => stackOf(outside).admin), overheard: [], outside };
  const stack = await startStoryStack({
    root,
    logger,
    seed: run.seed,
    database,
    ...(story.analysis !== null && {
      variables: { KUBERNAUT_ANALYSIS_PROVIDER: 'scripted' },
      providers: { scripted: scriptedProvider(story.analysis) },
    }),
    beforeServe: stage.witness.beforeServe,
    disturb: (calm, clock) => disturbed(calm, clock, { stage, setGate }),
  });
  outside.stack = stack;
  try {
    return await play(stack, stage, database);
  } catch (error) {
    return unfinished(error, outside.lives);
  } finally {
    await end(stack);
    setGate(null);
  }
}

function disturbed(
  calm: Surroundings,
  clock: VirtualClock,
  { stage, setGate }: { readonly stage: Stage; readonly setGate: (gate: Gate) => void },
): Surroundings {
  const { run, witness, overheard, outside } = stage;
  const { fault } = run;
  const died = () => {
    if (fault.kind === 'death') outside.hand = clock.track(() => actAtTheDeath(stackOf(outside), fault.person));
  };
  const lives = createLives({ clock, fault, timeoutSeconds, died });
  const outage = createOutage(fault, clock);
  Object.assign(outside, { lives, outage });
  const late: Trouble['late'] = (serve, afterMilliseconds) => {
    outside.hand = clock.track(() => actAtTheDeath(stackOf(outside), 'cancel'));
    outside.isLate = true;
    void clock
      .sleep(afterMilliseconds)
      .then(() => clock.track(serve))
      .finally(() => (outside.isLate = false));
  };
  const trouble: Trouble = { fault, clock, lives, outage, late, draw: seededRandom(run.seed) };
  setGate((what, go) =>
    lives.cross({ kind: what === 'commit' ? 'commit' : 'other' }, () => {
      if (lives.current() !== null && outage.isAway('database')) return Promise.reject(new Error('connect ECONNREFUSED'));
      return go();
    }),
  );
  const heard = (queue: string, message: Overheard['message']) => {
    witness.heard(queue, message);
    overheard.push({ queue, message });
  };
  const troubled: Surroundings = {
    queues: troubledQueues(calm.queues, trouble, { heard }),
    functionsTransport: troubledTransport(calm.functionsTransport, trouble),
    watcherTransport: troubledWatches(calm.watcherTransport, trouble),
    aroundInvocation: (functionName, invoke) =>
      functionName === 'sweeper' && outage.isAway('sweeper') ? Promise.reject(new Error('no sweeper')) : lives.around(functionName, invoke),
  };
  return mutated(troubled, { mutant: run.mutant, current: lives.current, admin: () => stackOf(outside).admin });
}

async function play(stack: StoryStack, { run, story, witness, overheard, outside }: Stage, database: Kysely<Database>): Promise<Report> {
  const { admin, clock, counts } = stack;
  const { lives, outage } = outside;
  if (lives === undefined || outage === undefined) throw new Error('the stack did not ask for its surroundings');
  await setTheScene(stack, story);
  const begun = clock.now();
  const recorder = createTrailRecorder();
  const watching = new AbortController();
  const wrote = ({ object, change }: Entry) => {
    if (change === 'DELETED') return;
    witness.changed(object);
    note(recorder, object, begun, clock.now());
  };
  const { entries, ended } = startChronicle(admin, { now: () => clock.milliseconds(), wrote, signal: watching.signal });
  const webhook = (request: Request) => lives.around('alert-webhook', () => stack.webhook(request));
  await postUntilAccepted({ ...stack, webhook }, story);
  const hand = () => beginning(outside.hand);
  await comeToItsEnd(stack, () => !outage.isToCome() && !outside.isLate);
  await clock.run(hand().hasEnded, { virtualSeconds: 1 });
  watching.abort();
  await ended;
  const total = [...counts.all().values()].reduce((sum, { invocations }) => sum + invocations, 0);
  const requests = (await readFamily(admin)).RemediationRequest;
  const judged = judgeVerdicts(requests, run, entries, outage.window() ?? windowOf(lives));
  return {
    verdicts: requests.map((request) => verdictWithCause(request, entries)),
    missedDeadlines: judged.missedDeadlines,
    violations: [
      ...judged.violations,
      ...(await check(stack, witness)),
      ...historyViolations(entries),
      ...(await auditViolations(entries, database)),
      ...messageViolations(overheard),
      ...lives.violations,
      ...(total > invocationsMax ? [{ check: 'nothing wakes itself', sentence: `${total} invocations` }] : []),
    ],
    counts: lives.counts,
    jobs: realJobs(biographies(entries)).length,
    voidJobs:
      new Set(entries.filter(({ object }) => object.kind === 'Job').map(({ object }) => object.metadata.uid)).size - realJobs(biographies(entries)).length,
    invocations: total,
    seconds: secondsToTheEnd(requests, begun),
    trail: recorder.steps.map((step) => `${trailLine(step, begun)}\n`).join(''),
  };
}

function note(recorder: TrailRecorder, object: KubernetesObject, begun: string, now: string): void {
  if (object.kind === 'Event' || object.kind === 'Lease') return;
  recorder.note(object, now < begun ? begun : now);
}

/** A request that came to something else did so because of a deadline that passed during the fault, or it is a violation. */
function judgeVerdicts(
  requests: readonly KubernetesObject[],
  { verdicts }: Run,
  entries: readonly Entry[],
  window: Window | null,
): { readonly violations: readonly Violation[]; readonly missedDeadlines: number } {
  const others = requests.filter((request) => verdicts.length > 0 && !verdicts.includes(verdictWithCause(request, entries)));
  const unexplained = others.filter((request) => !missedADeadline(request, entries, window));
  return {
    missedDeadlines: others.length - unexplained.length,
    violations: unexplained.map((request) => ({
      check: 'every request comes to its end',
      sentence: `${request.metadata.name} is ${verdictWithCause(request, entries)}, not ${verdicts.join(' or ')}: ${stringAt(request, 'status', 'message') ?? ''}`,
    })),
  };
}

const redeliverySeconds = 6 * 60 + 60; // visibility, and the retry's own work

/** The shadow of a death: its message comes back after the visibility timeout. */
function windowOf(lives: Lives): Window | null {
  const from = lives.diedAtMilliseconds();
  return from === null ? null : { from, to: from + redeliverySeconds * 1_000 };
}

function secondsToTheEnd(requests: readonly KubernetesObject[], begun: string): number {
  const ends = requests.map((request) => stringAt(request, 'status', 'completionTime')).filter((time) => time !== null);
  return Math.max(0, ...ends.map((time) => (millisecondsOf(time) - millisecondsOf(begun)) / 1_000));
}

function timeoutSeconds(functionName: string): number {
  return serverless.functions.find(({ name }) => name === functionName)?.timeoutSeconds ?? 0;
}

/** A world that does not come to its end is a finding like any other. */
function unfinished(error: unknown, lives: Lives | undefined): Report {
  const sentence = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const counts = lives?.counts ?? { effects: 0, firstEffects: [], sends: 0, calls: [], jobEffects: [] };
  const violations = [{ check: 'everything ends', sentence }];
  return { verdicts: [], missedDeadlines: 0, violations, counts, jobs: 0, voidJobs: 0, invocations: 0, seconds: 0, trail: '' };
}

function stackOf({ stack }: Stage['outside']): StoryStack {
  if (stack === undefined) throw new Error('the stack has not started yet');
  return stack;
}
