import { isJsonObject, type JsonObject } from '../../../../shared/api/json.ts';
import type { StoredObjects } from '../extension.ts';
import { listAt, objectAt, stringAt } from '../object.ts';
import { deniedByPolicy } from '../status-object.ts';
import type { AdmissionRequest } from './admission-request.ts';
import { celCompiler, type CelCompilation, type CelOutcome } from '../cel.ts';
import { matchConditions, valuesOf, type MatchConditions } from './match-conditions.ts';
import { isAbout, isCalled, type RuledWrite } from './matching.ts';
import { readRule, readView, registrationGroup, type Rule, type View } from './registered.ts';

/** A ValidatingAdmissionPolicy as one of its bindings puts it in force. */
interface Policy {
  readonly name: string;
  readonly binding: string;
  readonly rules: readonly Rule[];
  /** Of the policy, and of the binding. */
  readonly views: readonly View[];
  readonly variables: readonly Variable[];
  readonly sentences: readonly Sentence[];
  readonly failuresAreIgnored: boolean;
}

type Values = Readonly<Record<string, unknown>>;

/** Each may use those before it. */
interface Variable {
  readonly name: string;
  readonly compilation: CelCompilation;
}

/** Null where the write is as the sentence wants it. */
type Sentence = (values: Values) => { readonly kind: 'refused' | 'failed'; readonly reason: string; readonly message: string } | null;

/** Lists are the same array until something changes, so they key what was read of them. */
const readBefore = new WeakMap<readonly object[], { readonly bindings: readonly object[]; readonly policies: readonly Policy[] }>();

/** The policies in force that have a rule about such a write. */
export function policiesAbout(objects: StoredObjects, write: RuledWrite): readonly Policy[] {
  if (write.type.group === registrationGroup) return []; // or a broken one could never be removed
  return policiesInForce(objects).filter(({ rules }) => rules.some((rule) => isAbout(rule, write)));
}

/** Throws what the first of them that refuses says. Those that only warn or audit refuse nothing. */
export function refuseByPolicies(objects: StoredObjects, request: AdmissionRequest): void {
  for (const policy of policiesAbout(objects, request)) {
    if (!policy.views.every((view) => isCalled(objects, view, request))) continue;
    const values = withVariables(policy.variables, valuesOf(request));
    for (const sentence of policy.sentences) {
      const refusal = sentence(values);
      if (refusal === null || (refusal.kind === 'failed' && policy.failuresAreIgnored)) continue;
      const why = `ValidatingAdmissionPolicy '${policy.name}' with binding '${policy.binding}' denied request: ${refusal.message}`;
      throw deniedByPolicy(request.type, request.name, { reason: refusal.reason, why });
    }
  }
}

function policiesInForce(objects: StoredObjects): readonly Policy[] {
  const stored = objects.list(registrationGroup, 'validatingadmissionpolicies');
  const bindings = objects.list(registrationGroup, 'validatingadmissionpolicybindings');
  const known = readBefore.get(stored);
  if (known?.bindings === bindings) return known.policies;
  const policies = bindings.flatMap((binding) => {
    const spec = objectAt(binding, 'spec');
    const policy = stored.find(({ metadata }) => metadata.name === stringAt(spec, 'policyName'));
    if (policy === undefined || !listAt(spec, 'validationActions').includes('Deny')) return [];
    return [readPolicy(policy.metadata.name, objectAt(policy, 'spec'), { name: binding.metadata.name, spec })];
  });
  readBefore.set(stored, { bindings, policies });
  return policies;
}

const always: MatchConditions = () => ({ kind: 'matches' });

function readPolicy(name: string, spec: JsonObject, binding: { readonly name: string; readonly spec: JsonObject }): Policy {
  const failuresAreIgnored = stringAt(spec, 'failurePolicy') === 'Ignore';
  const constraints = objectAt(spec, 'matchConstraints');
  const conditions = matchConditions(listAt(spec, 'matchConditions').filter(isJsonObject), failuresAreIgnored);
  return {
    name,
    binding: binding.name,
    rules: listAt(constraints, 'resourceRules').filter(isJsonObject).map(readRule),
    views: [readView(constraints, conditions), readView(objectAt(binding.spec, 'matchResources'), always)],
    variables: listAt(spec, 'variables').filter(isJsonObject).map(readVariable),
    sentences: listAt(spec, 'validations').filter(isJsonObject).map(readSentence),
    failuresAreIgnored,
  };
}

const compile = celCompiler(['object', 'oldObject', 'request', 'variables']);

function readVariable(variable: JsonObject): Variable {
  return { name: stringAt(variable, 'name'), compilation: compile(stringAt(variable, 'expression').trim()) };
}

/** One that has no value fails only the sentences that ask for it. */
function withVariables(variables: readonly Variable[], values: Values): Values {
  const known: Record<string, unknown> = {};
  for (const { name, compilation } of variables) {
    const outcome = evaluated(compilation, { ...values, variables: { ...known } });
    if (outcome.kind === 'value') known[name] = outcome.value;
  }
  return { ...values, variables: known };
}

function evaluated(compilation: CelCompilation, values: Values): CelOutcome {
  return compilation.kind === 'error' ? compilation : compilation.program.evaluate(values);
}

function readSentence(validation: JsonObject): Sentence {
  const expression = stringAt(validation, 'expression').trim();
  const reason = stringAt(validation, 'reason') || 'Invalid';
  const message = stringAt(validation, 'message') || `failed expression: ${expression}`;
  const compilation = compile(expression);
  return (values) => {
    const outcome = evaluated(compilation, values);
    if (outcome.kind === 'error') return { kind: 'failed', reason, message: `expression '${expression}' resulted in error: ${outcome.message}` };
    return outcome.value === true ? null : { kind: 'refused', reason, message };
  };
}
