import type { AdmissionPolicy } from '../../infra/cluster/admission-policy.ts';
import type { KubernetesObject } from '../../shared/api/object-ref.ts';

interface Named {
  readonly name: string;
  readonly expression: string;
}

interface PolicySpec {
  readonly matchConstraints: { readonly resourceRules: readonly [AdmissionPolicy['requests']] };
  readonly matchConditions: readonly Named[];
  readonly variables?: readonly Named[];
  readonly validations: readonly { readonly expression: string; readonly message: string }[];
}

/** A policy read back from what is installed. */
export function policyOf({ metadata, ...object }: KubernetesObject): AdmissionPolicy {
  const { matchConstraints, matchConditions, variables = [], validations } = object['spec'] as PolicySpec;
  const byName = (expressions: readonly Named[]) => Object.fromEntries(expressions.map(({ name, expression }) => [name, expression]));
  return {
    name: metadata.name,
    requests: matchConstraints.resourceRules[0],
    concerns: byName(matchConditions),
    variables: byName(variables),
    rules: validations.map(({ expression, message }) => ({ holds: expression, message })),
  };
}
