import { manifestLabels, type Manifest } from './identity.ts';

/** A ValidatingAdmissionPolicy as we write one: what it looks at, and sentences that must hold. Expressions are CEL. */
export interface AdmissionPolicy {
  readonly name: string;
  readonly requests: { readonly apiGroups: readonly string[]; readonly resources: readonly string[]; readonly operations: readonly string[] };
  /** Whose requests, under a name that says so. They see `request` only. */
  readonly concerns: Readonly<Record<string, string>>;
  /** Evaluated when a rule first asks; each may use those before it as `variables.<name>`. */
  readonly variables: Readonly<Record<string, string>>;
  readonly rules: readonly AdmissionRule[];
}

export interface AdmissionRule {
  /** True for what may pass. */
  readonly holds: string;
  /** What whoever is refused reads: the rule, and what to do. */
  readonly message: string;
}

const group = 'admissionregistration.k8s.io/v1';

/** The policy and the binding that puts it in force in the whole cluster: one without the other refuses nothing. */
export function policyManifests({ name, requests, concerns, variables, rules }: AdmissionPolicy): readonly Manifest[] {
  const metadata = { name, labels: manifestLabels };
  const policy = {
    failurePolicy: 'Fail',
    matchConstraints: { resourceRules: [{ ...requests, apiVersions: ['*'] }] },
    matchConditions: named(concerns),
    ...(Object.keys(variables).length > 0 && { variables: named(variables) }),
    validations: rules.map(({ holds, message }) => ({ expression: holds, message, reason: 'Forbidden' })),
  };
  return [
    { apiVersion: group, kind: 'ValidatingAdmissionPolicy', metadata, spec: policy },
    { apiVersion: group, kind: 'ValidatingAdmissionPolicyBinding', metadata, spec: { policyName: name, validationActions: ['Deny'] } },
  ];
}

function named(expressions: Readonly<Record<string, string>>): readonly Manifest[] {
  return Object.entries(expressions).map(([name, expression]) => ({ name, expression }));
}
