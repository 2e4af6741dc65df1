import type * as z from 'zod';
import type { JsonObject } from '../api/json.ts';
import type { KubernetesObject } from '../api/object-ref.ts';
import type { ObjectKey, PolicyRule } from '../kubernetes/ports.ts';
import type { ApiRequest } from '../kubernetes/request.ts';

export type Risk = 'low' | 'moderate' | 'high';
export type Category = 'scaling' | 'restart' | 'resources' | 'rollout' | 'node' | 'config' | 'storage' | 'network' | 'diagnostics' | 'notification';

/**
 * What an action may look at of its target. `preconditions`, `alreadyDone`, `undo`, `requests`, `argv` and `files` are given the object as it
 * was just read; `outcome` is given what `remember` kept of it in targetBefore.
 */
export type TargetSnapshot = KubernetesObject;

export interface Violation {
  /** Path inside the parameters (`replicas`), or '' for the target as a whole. */
  readonly field: string;
  /** A sentence that names the field and the remedy. */
  readonly message: string;
}

export interface InverseAction {
  readonly action: string;
  readonly parameters: JsonObject;
}

export type Verdict = { readonly kind: 'ok' | 'waiting' | 'failed'; readonly message: string };

/** A bounded list that `preconditions` wants: budgets select by label and autoscalers by reference, so neither has a name to ask for. */
export interface ContextList {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace: string;
  readonly limit: number;
}

export interface OutcomeCheck<Params> {
  /** The objects that `judge` wants, in the order it gets them. */
  reads(params: Params, before: TargetSnapshot): readonly ObjectKey[];
  /** Pure. `world`: the objects of `reads`, null where absent. Asked after the Job, and again at each monitoring tick. */
  judge(params: Params, before: TargetSnapshot, world: readonly (KubernetesObject | null)[]): Verdict;
  /** How long `waiting` may last, from the execution's startTime; by the parameters where they ask for patience (a grace period). */
  readonly deadlineSeconds: number | ((params: Params) => number);
}

/** One action = one file of this folder: the single source for its schema, vector, RBAC, dry run, outcome and undo (docs/architecture.md). */
export interface Action<Params> {
  /** snake_case, canonical. */
  readonly name: string;
  /** Accepted at the rim only, resolved once. */
  readonly aliases: readonly string[];
  readonly summary: string;
  readonly category: Category;
  readonly scope: 'namespaced' | 'cluster';
  /** Strict: unknown keys are refused by name. Its shape tells the names of the parameters. */
  readonly params: z.ZodType<Params> & { readonly shape: Readonly<Record<string, z.ZodType>> };
  readonly timeoutSeconds: { readonly default: number; readonly max: number };
  /** Exactly what argv needs, no spare verb. */
  readonly rbac: readonly PolicyRule[];
  /** What the functions read for it with their own identity: target, context and the objects of the outcome check. */
  readonly reads: readonly PolicyRule[];
  /** May depend on the direction (scale up or down); `before` null: not yet known, then the worst that can be. */
  risk(params: Params, before: TargetSnapshot | null): Risk;
  /** Recommendation parameters → step parameters (targetReplicas → replicas; what is information only is dropped). */
  fromRecommendation(parameters: JsonObject): JsonObject;
  target(params: Params): ObjectKey;
  /** Objects that `preconditions` wants beside the target (a budget, a ReplicaSet); at most 3. */
  context?(params: Params, target: TargetSnapshot): readonly ObjectKey[];
  /** Lists that `preconditions` wants too; at most 3. */
  contextLists?(params: Params, target: TargetSnapshot): readonly ContextList[];
  /** The argument vector after `kubectl`. Pure. Every value a single argument, never starting with '-'. */
  argv(params: Params, target: TargetSnapshot): readonly string[];
  /** Files for the container, projected through pod annotations (restart_pod's DeleteOptions): file name → content. */
  files?(params: Params, target: TargetSnapshot): Readonly<Record<string, string>>;
  /** The API requests that kubectl will make: rehearsed with dryRun=All by the dry run, sent as they are by the simulated kubectl. */
  requests(params: Params, target: TargetSnapshot): readonly ApiRequest[];
  /** One line a request: "deployment.apps/payment-api scaled (dry run)". */
  dryRunOutput(params: Params, target: TargetSnapshot): string;
  /** Judged in both validating phases, after existence. `context`: what `readContext` gives, the objects of `context` (null where absent), then those of the lists. */
  preconditions(params: Params, target: TargetSnapshot, context: readonly (KubernetesObject | null)[]): readonly Violation[];
  /** The world already is as wanted: then the execution completes without a Job and says this sentence. Null: there is something to do. */
  alreadyDone(params: Params, target: TargetSnapshot): string | null;
  /** What must be kept to undo it, taken before the Job exists. Null: not reversible. */
  undo(params: Params, before: TargetSnapshot): InverseAction | null;
  /** The part of the target that the outcome check needs later, at most 8,192 bytes as JSON; what undo captures is kept beside it, in rollbackInformation. */
  remember(params: Params, target: TargetSnapshot): TargetSnapshot;
  /** executionResults.message of a success: "Successfully scaled payment-api to 5 replicas". */
  success(params: Params): string;
  readonly outcome: OutcomeCheck<Params>;
}

/** Every action of the catalogue under one type, its parameters forgotten: what the index holds. */
export type AnyAction = Omit<Action<never>, 'params'> & { readonly params: z.ZodType & { readonly shape: Readonly<Record<string, z.ZodType>> } };

/** An action with its parameters: what rooms use. Functions lose their `params` argument. */
export interface BoundAction {
  readonly name: string;
  readonly category: Category;
  readonly scope: 'namespaced' | 'cluster';
  readonly parameters: JsonObject;
  /** `<action with dashes>-sa`. */
  readonly serviceAccount: string;
  readonly rbac: readonly PolicyRule[];
  readonly timeoutSeconds: { readonly default: number; readonly max: number };
  readonly target: ObjectKey;
  risk(before: TargetSnapshot | null): Risk;
  context(target: TargetSnapshot): readonly ObjectKey[];
  contextLists(target: TargetSnapshot): readonly ContextList[];
  argv(target: TargetSnapshot): readonly string[];
  files(target: TargetSnapshot): Readonly<Record<string, string>>;
  requests(target: TargetSnapshot): readonly ApiRequest[];
  dryRunOutput(target: TargetSnapshot): string;
  preconditions(target: TargetSnapshot, context: readonly (KubernetesObject | null)[]): readonly Violation[];
  alreadyDone(target: TargetSnapshot): string | null;
  undo(before: TargetSnapshot): InverseAction | null;
  remember(target: TargetSnapshot): TargetSnapshot;
  success(): string;
  readonly outcome: {
    reads(before: TargetSnapshot): readonly ObjectKey[];
    judge(before: TargetSnapshot, world: readonly (KubernetesObject | null)[]): Verdict;
    readonly deadlineSeconds: number;
  };
}

/** The answer of `parseAction`: the gates ask it, and only it, what an action name and its parameters mean. */
export type ParsedAction =
  | { readonly kind: 'known'; readonly action: BoundAction }
  | { readonly kind: 'unknown_action' | 'action_not_enabled' | 'invalid_parameters'; readonly field: string; readonly message: string };
