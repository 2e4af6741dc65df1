import { kinds } from '../api/kinds.ts';
import type { ReconcileMessage } from '../queue/messages.ts';
import { carryOut } from './carry-out.ts';
import type { Delivery } from './delivery.ts';
import { failedByKernel } from './failure.ts';
import { passReport, type PassReport } from './pass-report.ts';
import { patiently } from './patience.ts';
import type { Decision, SealedDecision, SealedPhase } from './phase.ts';
import { NotYet } from './retry.ts';
import type { Resource, Room } from './room.ts';
import { markRecovered } from './stalled.ts';
import type { PassOptions, Step } from './step.ts';
import { judgeDue } from './timer.ts';
import { isPast } from './wait.ts';

/** A resource whose phase this version of the function does not know. */
class UnknownPhase extends Error {
  override readonly name = 'UnknownPhase';
}

/** What was observed was no longer so whenever it was acted on. */
class WorldKeepsChanging extends Error {
  override readonly name = 'WorldKeepsChanging';
}

const roundsMax = 5; // each is a handful of calls; a world that changes faster is left to the backoff
const graceSeconds = 60; // past its deadline a phase has this long to look at the world once more before the kernel gives up for it

/** One step of a resource: get, look up the phase, observe, decide, interpret. Throws what the queue shall bring back. */
export async function runPass<R extends Resource, Ports>(options: PassOptions<R, Ports>, delivery: Delivery<ReconcileMessage>): Promise<PassReport> {
  let why = '';
  for (let round = 1; round <= roundsMax; round += 1) {
    const came = await runRound(options, delivery);
    if (came.kind === 'ended') return came.report;
    why = came.why;
  }
  throw new WorldKeepsChanging(`${delivery.body.kind} ${delivery.body.name} after ${roundsMax} rounds: ${why}`);
}

type Round = { readonly kind: 'ended'; readonly report: PassReport } | { readonly kind: 'again'; readonly why: string };

async function runRound<R extends Resource, Ports>(options: PassOptions<R, Ports>, delivery: Delivery<ReconcileMessage>): Promise<Round> {
  const { room, cluster, clock } = options;
  const { name, namespace } = delivery.body;
  const object = await patiently(clock, () => cluster.get({ apiVersion: kinds[room.kind].apiVersion, kind: room.kind, namespace, name }));
  if (object === null) return ended(passReport('gone', null, []));
  const resource = room.parse(object);
  const due = judgeDue(delivery.body, resource);
  if (due === 'early') throw new NotYet(`timer of phase ${JSON.stringify(delivery.body.phase)}: the patch that it was sent before may still land`);
  if (due === 'stale') return ended(passReport('stale', resource, []));
  const step = { phase: phaseOf(room, resource), resource, delivery };
  const decision = await decide(options, step);
  // What is being deleted is brought to an end (a Job is recorded, a finalizer taken off), but nothing new is begun for it.
  if (resource.metadata.deletionTimestamp !== undefined && creates(decision)) return ended(passReport('deleting', resource, [decision]));
  const { interpretation, decisions } = await carryOut(options, step, decision);
  if (interpretation.kind === 'again') return interpretation;
  if (interpretation.kind === 'done') await patiently(clock, () => markRecovered(interpretation.standing ?? object, clock.now(), cluster));
  return ended(passReport(interpretation.kind, resource, decisions));
}

async function decide<R extends Resource, Ports>({ room, ports, clock }: PassOptions<R, Ports>, step: Step<R, Ports>): Promise<Decision> {
  const { phase, resource } = step;
  let seen: SealedDecision<R>;
  try {
    seen = await patiently(clock, () => phase.look(resource, ports, clock.now()));
  } catch (error) {
    const failure = giveUp(room, step, error, clock.now());
    if (failure === null) throw error;
    return failure;
  }
  return seen.decide(resource, clock.now());
}

/** From a minute past its deadline a resource that cannot be looked at, twice for one message, is failed. Null while there is hope, or its work may still act. */
function giveUp<R extends Resource, Ports>(room: Room<R, Ports>, { phase, resource, delivery }: Step<R, Ports>, error: unknown, now: string): Decision | null {
  const deadline = phase.deadline(resource);
  if (deadline === null || delivery.receiveCount < 2 || !isPast(deadline, now, graceSeconds)) return null;
  const words = error instanceof Error ? error.message : String(error);
  const message = `phase ${JSON.stringify(resource.status?.phase ?? '')} had until ${deadline}, and what it waits for cannot be read: ${words}`;
  return failedByKernel(room, resource, { reason: 'deadline_exceeded', message }, now);
}

function phaseOf<R extends Resource, Ports>({ kind, phases }: Room<R, Ports>, { metadata, status }: R): SealedPhase<R, Ports> {
  const name = status?.phase ?? '';
  const phase = Object.hasOwn(phases, name) ? phases[name] : undefined;
  if (phase === undefined)
    throw new UnknownPhase(`${kind} ${metadata.name} is in phase ${JSON.stringify(name)}: deploy the version of the functions that writes it`);
  return phase;
}

function creates({ effects }: Decision): boolean {
  return effects.some(({ kind }) => kind === 'CreateResource');
}

function ended(report: PassReport): Round {
  return { kind: 'ended', report };
}
