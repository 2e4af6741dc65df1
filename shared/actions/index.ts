import { compiled } from '../api/compiled.ts';
import type { JsonObject } from '../api/json.ts';
import { serviceAccountName } from '../api/names.ts';
import type { Action, AnyAction, BoundAction, ParsedAction } from './action.ts';
import { bind } from './bind.ts';
import { increaseMemoryLimit } from './increase-memory-limit.ts';
import { parameterIssues } from './issues.ts';
import { nearestOnes } from './nearest.ts';
import { notEnabled, templateActions } from './not-enabled.ts';
import { patchConfigmap } from './patch-configmap.ts';
import { restartPod } from './restart-pod.ts';
import { scaleDeployment } from './scale-deployment.ts';

/** An action that forgot its parameters' type, and the one thing that needs it. */
interface Entry {
  readonly action: AnyAction;
  parse(parameters: JsonObject): ParsedAction;
}

const entries: readonly Entry[] = [entryOf(scaleDeployment), entryOf(restartPod), entryOf(patchConfigmap), entryOf(increaseMemoryLimit)];

/** The whole catalogue, in the order in which it is documented. */
export const actions: readonly AnyAction[] = entries.map(({ action }) => action);

export const actionNames: readonly string[] = actions.map(({ name }) => name);

/** The canonical name of an alias; any other name unchanged. Asked once, where a name comes in from outside. */
export function resolveAlias(name: string): string {
  return actions.find(({ aliases }) => aliases.includes(name))?.name ?? name;
}

/** Parameters as a recommendation has them → as the step of that action has them. `name` is canonical; of an unknown action they stay as they are. */
export function fromRecommendation(name: string, parameters: JsonObject): JsonObject {
  return actions.find((action) => action.name === name)?.fromRecommendation(parameters) ?? parameters;
}

/** What a canonical name and its parameters mean. Every gate asks this and nothing else; it never throws. */
export function parseAction(name: string, parameters: JsonObject): ParsedAction {
  const entry = entries.find(({ action }) => action.name === name);
  if (entry !== undefined) return entry.parse(parameters);
  const reason = notEnabled(name);
  if (reason !== null) return { kind: 'action_not_enabled', field: 'action', message: reason };
  return { kind: 'unknown_action', field: 'action', message: unknownAction(name) };
}

export class ActionInvalid extends Error {
  override readonly name = 'ActionInvalid';
}

/** For those behind a gate. Throws ActionInvalid for what `parseAction` does not take: a caller's bug. */
export function bindAction(name: string, parameters: JsonObject): BoundAction {
  const parsed = parseAction(name, parameters);
  if (parsed.kind !== 'known') throw new ActionInvalid(`${parsed.kind}: ${parsed.message}`);
  return parsed.action;
}

/** The identity that the Job of an action runs as, in our own namespace. */
export function serviceAccountOf(name: string): string {
  return serviceAccountName(name);
}

function entryOf<Params extends JsonObject>(action: Action<Params>): Entry {
  const schema = compiled(action.params);
  return {
    action,
    parse(parameters) {
      const parsed = schema().safeParse(parameters);
      if (parsed.success) return { kind: 'known', action: bind(action, parsed.data) };
      const issues = parameterIssues(parsed.error, action.name, Object.keys(action.params.shape));
      return { kind: 'invalid_parameters', field: issues[0]?.field ?? '', message: issues.map(({ message }) => message).join('; ') };
    },
  };
}

const meantMax = 3; // more is the list of all

/** The first words of an unknown action may be hostile, so only a short name of harmless letters is repeated. */
function unknownAction(name: string): string {
  const canonical = resolveAlias(name);
  if (canonical !== name) return `${name} is another name of ${canonical}: write ${canonical}`;
  const said = /^[\w-]{1,63}$/.test(name) ? name : 'this name';
  const meant = nearestOnes(name, [...actionNames, ...templateActions], meantMax);
  return `${said} is no action of the catalogue${meant.length === 0 ? `: it has ${actionNames.join(', ')}` : `: did you mean ${meant.join(' or ')}?`}`;
}
