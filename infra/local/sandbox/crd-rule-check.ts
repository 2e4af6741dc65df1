import { Environment } from '@marcbachmann/cel-js';
import type { SchemaNode } from './crd-node.ts';
import { escapedName } from './crd-cel-value.ts';

/** Says what is wrong with a rule over values of this schema; null when nothing is. */
export type RuleCheck = (rule: string) => string | null;

/**
 * A rule is checked against the types of its schema when the definition is written, as a kube-apiserver does it: a field that is
 * misspelt would otherwise be found by the first object that the rule is asked about. `isRoot`: of metadata it sees the names alone.
 */
export function ruleCheck(node: SchemaNode, isRoot: boolean): RuleCheck {
  const environment = new Environment({ enableOptionalTypes: true, homogeneousAggregateLiterals: false });
  const type = namerOf(environment)(isRoot ? withNames(node) : node);
  for (const variable of ['self', 'oldSelf']) environment.registerVariable(variable, type);
  return (rule) => {
    const { valid, type: result, error } = environment.check(rule);
    if (!valid) return error?.message.split('\n')[0] ?? 'the expression is invalid';
    return result === 'bool' || result === 'dyn' ? null : 'must evaluate to a bool';
  };
}

function withNames(node: SchemaNode): SchemaNode {
  const text: SchemaNode = { type: 'string' };
  const metadata: SchemaNode = { type: 'object', properties: { name: text, generateName: text } };
  return { ...node, properties: { ...node.properties, apiVersion: text, kind: text, metadata } };
}

/** `duration` is not among them: a rule converts such a string by itself. */
const stringTypes: Readonly<Record<string, string>> = { 'date-time': 'google.protobuf.Timestamp', date: 'google.protobuf.Timestamp' };
const scalarTypes: Readonly<Record<string, string>> = { string: 'string', integer: 'int', number: 'double', boolean: 'bool' };

/** Gives each node the name of its type in CEL. Objects get one of their own each, which equals itself. */
function namerOf(environment: Environment): (node: SchemaNode) => string {
  let count = 0;
  const objectType = ({ properties = {}, additionalProperties }: SchemaNode): string => {
    if (additionalProperties !== undefined) return `map<string, ${typeName(additionalProperties)}>`;
    const fields = Object.fromEntries(Object.entries(properties).map(([name, child]) => [escapedName(name), typeName(child)]));
    const name = `Object${(count += 1)}`;
    environment.registerType(name, { fields });
    environment.registerOperator(`${name} == ${name}`, () => true); // it is checked here, and evaluated elsewhere
    return name;
  };
  const typeName = (node: SchemaNode): string => {
    if (node['x-kubernetes-int-or-string'] === true || node['x-kubernetes-preserve-unknown-fields'] === true) return 'dyn';
    if (node.type === 'object') return objectType(node);
    if (node.type === 'array') return `list<${node.items === undefined ? 'dyn' : typeName(node.items)}>`;
    return stringTypes[node.format ?? ''] ?? scalarTypes[node.type ?? ''] ?? 'dyn';
  };
  return typeName;
}
