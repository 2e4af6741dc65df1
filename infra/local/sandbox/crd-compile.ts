import { celCompiler, type CelProgram } from './cel.ts';
import type { SchemaNode, ValidationRule } from './crd-node.ts';
import { ruleCheck } from './crd-rule-check.ts';

/** A schema made ready for many validations: expressions are parsed once for each version of a definition. */
export interface CompiledNode {
  readonly node: SchemaNode;
  readonly properties: ReadonlyMap<string, CompiledNode>;
  readonly additionalProperties: CompiledNode | undefined;
  readonly items: CompiledNode | undefined;
  readonly pattern: RegExp | undefined;
  readonly rules: readonly CompiledRule[];
  /** Some rule is here or below: a walk for rules may pass by every other node. */
  readonly hasRules: boolean;
}

export interface CompiledRule {
  readonly rule: ValidationRule;
  readonly program: CelProgram;
  /** Compares with the stored value, so it runs on updates only. */
  readonly isTransition: boolean;
  readonly message: CelProgram | undefined;
}

export interface CompilationError {
  /** Within the schema: `properties[spec].x-kubernetes-validations[0].rule` */
  readonly path: string;
  readonly value: string;
  readonly detail: string;
}

export interface Compilation {
  readonly root: CompiledNode;
  /** Not empty: the definition must be refused. */
  readonly errors: readonly CompilationError[];
}

const compileCel = celCompiler(['self', 'oldSelf']);

/** Compiles what it can and reports the rest. */
export function compileSchema(root: SchemaNode): Compilation {
  const errors: CompilationError[] = [];
  return { root: compileNode(root, '', errors), errors };
}

function compileNode(node: SchemaNode, path: string, errors: CompilationError[]): CompiledNode {
  const below = (name: string): string => (path === '' ? name : `${path}.${name}`);
  const properties = new Map(Object.entries(node.properties ?? {}).map(([name, child]) => [name, compileNode(child, below(`properties[${name}]`), errors)]));
  const additionalProperties = node.additionalProperties && compileNode(node.additionalProperties, below('additionalProperties'), errors);
  const items = node.items && compileNode(node.items, below('items'), errors);
  const pattern = compilePattern(node.pattern, below('pattern'), errors);
  const rules = compileRules(node, path, errors);
  const hasRules = rules.length > 0 || [...properties.values(), additionalProperties, items].some((child) => child?.hasRules === true);
  return { node, properties, additionalProperties, items, pattern, rules, hasRules };
}

function compilePattern(pattern: string | undefined, path: string, errors: CompilationError[]): RegExp | undefined {
  if (pattern === undefined) return undefined;
  try {
    return new RegExp(pattern, 'u');
  } catch (error) {
    const detail = `must be a valid regular expression, but isn't: ${error instanceof Error ? error.message : String(error)}`;
    errors.push({ path, value: pattern, detail });
    return undefined;
  }
}

function compileRules(node: SchemaNode, path: string, errors: CompilationError[]): readonly CompiledRule[] {
  const rules = node['x-kubernetes-validations'] ?? [];
  if (rules.length === 0) return [];
  const check = ruleCheck(node, path === '');
  return rules.flatMap((rule, index) => {
    const place = `${path === '' ? '' : `${path}.`}x-kubernetes-validations[${index}]`;
    const compiled = compileRule(rule, place, errors);
    const mistake = compiled.length === 0 ? null : check(rule.rule);
    if (mistake === null) return compiled;
    errors.push({ path: `${place}.rule`, value: rule.rule, detail: `compilation failed: ${mistake}` });
    return [];
  });
}

function compileRule(rule: ValidationRule, path: string, errors: CompilationError[]): readonly CompiledRule[] {
  const compiled = compileCel(rule.rule);
  const message = rule.messageExpression === undefined ? undefined : compileCel(rule.messageExpression);
  if (compiled.kind === 'error') errors.push({ path: `${path}.rule`, value: rule.rule, detail: `compilation failed: ${compiled.message}` });
  if (message?.kind === 'error')
    errors.push({ path: `${path}.messageExpression`, value: rule.messageExpression ?? '', detail: `compilation failed: ${message.message}` });
  if (compiled.kind === 'error' || message?.kind === 'error') return [];
  const { program } = compiled;
  return [{ rule, program, isTransition: program.variables.has('oldSelf'), message: message?.program }];
}
