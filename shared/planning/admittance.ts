import type { BoundAction } from '../actions/action.ts';
import { parseAction } from '../actions/index.ts';
import { protectedTarget } from '../actions/protected.ts';
import type { AdmittanceFailure, ExecutionSpec } from '../api/kubernetes-execution.ts';
import { durationSeconds } from '../api/time.ts';
import type { Installation } from './installation.ts';
import { restoreFault } from './restore.ts';

/** Why the specification itself may not run, whatever the cluster looks like. */
interface Refused {
  readonly reason: AdmittanceFailure;
  readonly message: string;
}

export type Admittance = { readonly kind: 'admitted'; readonly action: BoundAction } | ({ readonly kind: 'refused' } & Refused);

/** The last of the gates for parameters. Asked again by each later phase, since a newer catalogue may know an action no more. */
export function admit(spec: ExecutionSpec, settings: Installation): Admittance {
  const parsed = parseAction(spec.actionType, spec.actionParams);
  switch (parsed.kind) {
    case 'unknown_action':
    case 'action_not_enabled':
      return { kind: 'refused', reason: parsed.kind, message: `spec.actionType: ${parsed.message}` };
    case 'invalid_parameters':
      return { kind: 'refused', reason: parsed.kind, message: `spec.actionParams${parsed.field === '' ? ': ' : '.'}${parsed.message}` };
    case 'known': {
      const refused = firstFault(spec, parsed.action, settings);
      return refused === null ? { kind: 'admitted', action: parsed.action } : { kind: 'refused', ...refused };
    }
  }
}

type Check = (spec: ExecutionSpec, action: BoundAction, settings: Installation) => Refused | null;

/** The order is the specification: the first fault is the one that an operator should mend first. */
const checks: readonly Check[] = [targetDiffers, namespaceDiffers, timeoutIsTooLong, targetIsProtected, clusterIsUnknown, restoreIsNoUndo];

function firstFault(spec: ExecutionSpec, action: BoundAction, settings: Installation): Refused | null {
  return checks.map((check) => check(spec, action, settings)).find((fault) => fault !== null) ?? null;
}

/** A target beside the parameters is for people and policy to read: one that says something else would deceive them. */
function targetDiffers({ target }: ExecutionSpec, action: BoundAction): Refused | null {
  if (target === undefined) return null;
  const fields = ['apiVersion', 'kind', 'name', 'namespace'] as const;
  const field = fields.find((name) => (target[name] ?? '') !== (action.target[name] ?? ''));
  if (field === undefined) return null;
  const message = `spec.target.${field}: is "${target[field] ?? ''}", but the parameters of ${action.name} say "${action.target[field] ?? ''}"`;
  return { reason: 'invalid_parameters', message };
}

function namespaceDiffers({ targetCluster }: ExecutionSpec, action: BoundAction): Refused | null {
  const wanted = action.target.namespace ?? '';
  // "" is what a person who writes an execution by hand leaves out
  if (targetCluster.namespace === '' || targetCluster.namespace === wanted) return null;
  const message = `spec.targetCluster.namespace: is "${targetCluster.namespace}", but the parameters of ${action.name} say "${wanted}"`;
  return { reason: 'invalid_parameters', message };
}

function timeoutIsTooLong({ timeout }: ExecutionSpec, { name, timeoutSeconds }: BoundAction): Refused | null {
  if (durationSeconds(timeout) <= timeoutSeconds.max) return null;
  return { reason: 'invalid_parameters', message: `spec.timeout: ${timeout} is longer than ${name} may take: at most ${timeoutSeconds.max}s` };
}

function targetIsProtected(_spec: ExecutionSpec, { target }: BoundAction, settings: Installation): Refused | null {
  const isOwnNamespace = target.namespace === settings.namespace;
  const why = protectedTarget(target) ?? (isOwnNamespace ? `namespace: ${settings.namespace} is where the executor itself lives: choose another target` : null);
  return why === null ? null : { reason: 'protected_namespace', message: `spec.actionParams: ${why}` };
}

function clusterIsUnknown({ targetCluster }: ExecutionSpec, _action: BoundAction, { cluster }: Installation): Refused | null {
  if (targetCluster.name === cluster) return null;
  return { reason: 'unknown_cluster', message: `spec.targetCluster.name: "${targetCluster.name}" is unknown: this installation acts on "${cluster}"` };
}

function restoreIsNoUndo({ actionParams, rollbackOf }: ExecutionSpec): Refused | null {
  const message = rollbackOf === undefined ? restoreFault('spec.actionParams', actionParams) : null;
  return message === null ? null : { reason: 'invalid_parameters', message };
}
