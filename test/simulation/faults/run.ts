import * as z from 'zod';

/** What goes wrong in a run. Numbers count from 1, in the order in which the calm run of the story makes its effects, calls and sends. */
export const faultSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('none') }),
  /** An invocation dies around one effect. `person`: what somebody does at that moment. */
  z.object({
    kind: z.literal('death'),
    effect: z.int(),
    moment: z.enum(['before', 'after']),
    person: z.enum(['nothing', 'cancel', 'delete the Job']),
  }),
  /** One call to the cluster. `lost`: it is served, and the answer never comes; a number: that is the answer, and nothing is served. */
  z.object({ kind: z.literal('call'), call: z.int(), answer: z.enum(['lost', '409', '429', '500']) }),
  /** A Job's create is served only so long after its sender gave up; meanwhile a person cancels. */
  z.object({ kind: z.literal('late Job'), effect: z.int(), seconds: z.int() }),
  /** One send: the queue takes the messages, and the sender is told that it did not. */
  z.object({ kind: z.literal('send'), send: z.int() }),
  z.object({ kind: z.literal('deliveries'), how: z.enum(['twice', 'late', 'any order', 'at once']), secondsMax: z.number() }),
  /** From one call on something cannot be reached, or does not run. `watcher` resumes where it was, `watcher killed` lists anew (410). */
  z.object({
    kind: z.literal('away'),
    what: z.enum(['queue', 'database', 'API', 'watcher', 'watcher killed', 'sweeper', 'sweeper and watcher']),
    call: z.int(),
    seconds: z.int(),
  }),
]);
export type Fault = z.infer<typeof faultSchema>;

export const mutants = ['Lease', 'finalizer', 'lookup by name', 'permission to act', 'audit before act', 'resourceVersion', 'void Job'] as const;
export type Mutant = (typeof mutants)[number];

export const runSchema = z.object({
  story: z.string(),
  /** More alerts about the same target, each a remediation of its own. */
  rivals: z.int(),
  seed: z.int(),
  fault: faultSchema,
  /** What is taken away from the product; null: nothing. */
  mutant: z.enum(mutants).nullable(),
  /** Each request comes to one of these, or fails for a deadline that passed during the fault. Empty: whatever it comes to. */
  verdicts: z.array(z.string()),
});
export type Run = z.infer<typeof runSchema>;

const countsSchema = z.object({
  /** Writes to the cluster, sends and commits that invocations made. */
  effects: z.int(),
  /** Numbers of those that were the first of their invocation. */
  firstEffects: z.array(z.int()),
  /** The sends among them. */
  sends: z.int(),
  /** Every request to the cluster, in order: what it was. The sweeper reads the same each minute. */
  calls: z.array(z.enum(['read', 'write', 'sweep'])),
  /** Numbers of the effects that created a Job. */
  jobEffects: z.array(z.int()),
});
export type Counts = z.infer<typeof countsSchema>;

export const reportSchema = z.object({
  verdicts: z.array(z.string()),
  /** Those among them that a deadline explains. */
  missedDeadlines: z.int(),
  violations: z.array(z.object({ check: z.string(), sentence: z.string() })),
  counts: countsSchema,
  jobs: z.int(),
  voidJobs: z.int(),
  invocations: z.int(),
  /** Virtual seconds from the alert to the end of the last request. */
  seconds: z.number(),
  trail: z.string(),
});
export type Report = z.infer<typeof reportSchema>;
