import * as z from 'zod';

const fields = z.record(z.string(), z.json());
const subject = z
  .string()
  .regex(
    /^((rr|rp|aia|wf)(-[0-9]+)?|(ke|job)(-[0-9]+)?(\/[a-z0-9-]+)?)$/,
    'must be a subject of a trail: rr, rp, aia, wf, ke/<step> or job/<step>, rr-2 of the second remediation',
  );
const place = z.strictObject({ apiVersion: z.string(), kind: z.string(), namespace: z.string().optional(), name: z.string() });
/** One of ours by its subject in the trail (of several the one that moved last), or any other by its name. */
const object = z.union([subject, place]);
const manifest = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({ name: z.string(), namespace: z.string().optional() }),
});

const deed = z.union([
  z.strictObject({ patch: z.strictObject({ object, with: fields }) }),
  /** Every object of a kind whose name begins so: the pods of a Deployment. */
  z.strictObject({ patchEach: z.strictObject({ apiVersion: z.string(), kind: z.string(), namespace: z.string(), namePrefix: z.string(), with: fields }) }),
  z.strictObject({ delete: object }),
  z.strictObject({ create: manifest }),
  /** Alertmanager posts the story's notifications once more; `alert` replaces fields of each alert, where `now` is the time of the act. */
  z.strictObject({ post: z.strictObject({ alert: fields }) }),
]);

const act = z.strictObject({
  /** What the trail prints: `alice approves the plan`. */
  says: z.string().min(1),
  /** The step of the trail that it follows; absent: the beginning. */
  when: z.strictObject({ subject, state: z.string(), reason: z.string().optional(), nth: z.int().min(1).default(1) }).optional(),
  afterSeconds: z.number().min(0).default(0),
  /** A user name to act as; absent: an administrator. */
  as: z.string().optional(),
  do: deed,
  /** It must be refused, in words that hold this. */
  refused: z.string().optional(),
});

/** story.yaml: what a story is about, and what happens in it beside the alert. */
export const scriptSchema = z.strictObject({
  /** One line for whoever chooses a story. */
  description: z.string().min(1).max(120),
  /** The story whose world, alerts and analysis it has where it brings none of its own; an object of its own replaces the one of that name. */
  world: z.string().optional(),
  /** Of the functions, KUBERNAUT_…, for this story. */
  variables: z.record(z.string().regex(/^KUBERNAUT_[A-Z_]+$/), z.string()).default({}),
  acts: z.array(act).default([]),
  /** When it is told: every request is in a terminal phase, knows its outcome, or so many seconds have passed. */
  ends: z.union([z.enum(['terminal', 'outcome']), z.strictObject({ afterSeconds: z.int().min(1) })]).default('terminal'),
  /** Why a real API server would have nothing to add: then only the virtual clock plays it in tests. */
  virtualOnly: z.string().optional(),
  /** How long it takes in real time, without the monitoring. */
  secondsMax: z.int().min(1).max(3_600).default(300), // the longest without acts waits two minutes for replicas that never come, and undoes two steps
});
export type Script = z.infer<typeof scriptSchema>;
export type Act = Script['acts'][number];
export type Deed = Act['do'];
export type ActObject = z.infer<typeof object>;
