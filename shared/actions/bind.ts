import type { JsonObject } from '../api/json.ts';
import { serviceAccountName } from '../api/names.ts';
import type { Action, BoundAction, TargetSnapshot, Violation } from './action.ts';
import { described } from './workload.ts';

/** An action with parameters that its schema took. */
export function bind<Params extends JsonObject>(action: Action<Params>, params: Params): BoundAction {
  const { name, category, scope, rbac, timeoutSeconds, outcome } = action;
  const { deadlineSeconds } = outcome;
  return {
    name,
    category,
    scope,
    rbac,
    timeoutSeconds,
    parameters: params,
    serviceAccount: serviceAccountName(name),
    target: action.target(params),
    risk: (before) => action.risk(params, before),
    context: (target) => action.context?.(params, target) ?? [],
    contextLists: (target) => action.contextLists?.(params, target) ?? [],
    argv: (target) => action.argv(params, target),
    files: (target) => action.files?.(params, target) ?? {},
    requests: (target) => action.requests(params, target),
    dryRunOutput: (target) => action.dryRunOutput(params, target),
    preconditions: (target, context) => [...isBeingDeleted(target), ...action.preconditions(params, target, context)],
    alreadyDone: (target) => action.alreadyDone(params, target),
    undo: (before) => action.undo(params, before),
    remember: (target) => action.remember(params, target),
    success: () => action.success(params),
    outcome: {
      reads: (before) => outcome.reads(params, before),
      judge: (before, world) => outcome.judge(params, before, world),
      deadlineSeconds: typeof deadlineSeconds === 'number' ? deadlineSeconds : deadlineSeconds(params),
    },
  };
}

/** A rule for all actions: what is already on its way out is left alone. */
function isBeingDeleted(target: TargetSnapshot): readonly Violation[] {
  const { deletionTimestamp } = target.metadata;
  return deletionTimestamp === undefined ? [] : [{ field: '', message: `${described(target)} is being deleted since ${deletionTimestamp}: wait for its end` }];
}
