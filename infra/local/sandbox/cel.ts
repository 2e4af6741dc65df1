import { Environment, EvaluationError } from '@marcbachmann/cel-js';

/** A compiled expression over variables of unknown type. Numbers of integer fields come in as bigint, times as Date. */
export interface CelProgram {
  readonly variables: ReadonlySet<string>;
  /** `bool`, `int`, …; `dyn` where it depends on the values. */
  readonly resultType: string;
  evaluate(values: Readonly<Record<string, unknown>>): CelOutcome;
}

export type CelOutcome = { readonly kind: 'value'; readonly value: unknown } | { readonly kind: 'error'; readonly message: string };
export type CelCompilation = { readonly kind: 'program'; readonly program: CelProgram } | { readonly kind: 'error'; readonly message: string };

/** Compiles expressions that may use `variables`; the environment is dear, so one serves them all. */
export function celCompiler(variables: readonly string[]): (expression: string) => CelCompilation {
  const environment = new Environment({ enableOptionalTypes: true, homogeneousAggregateLiterals: false });
  for (const variable of variables) environment.registerVariable(variable, 'dyn');
  return (expression) => {
    try {
      return compile(environment, expression);
    } catch (error) {
      return { kind: 'error', message: firstLine(error) };
    }
  };
}

function compile(environment: Environment, expression: string): CelCompilation {
  const parsed = environment.parse(expression);
  const { valid, error, type = 'dyn' } = parsed.check();
  if (!valid) return { kind: 'error', message: firstLine(error) };
  const variables = new Set(identifiersIn(parsed.ast));
  const evaluate = (values: Readonly<Record<string, unknown>>): CelOutcome => {
    try {
      return { kind: 'value', value: parsed(values) };
    } catch (failure) {
      if (!(failure instanceof EvaluationError)) throw failure;
      return { kind: 'error', message: conversionErrors[failure.code] ?? firstLine(failure) };
    }
  };
  return { kind: 'program', program: { variables, resultType: type, evaluate } };
}

/** Where Kubernetes says it in other words. */
const conversionErrors: Readonly<Record<string, string>> = {
  invalid_duration: "type conversion error from 'string' to 'google.protobuf.Duration'",
  invalid_timestamp: "type conversion error from 'string' to 'google.protobuf.Timestamp'",
};

/** The library appends a drawing of the source; Kubernetes says one line, which begins in lower case. */
function firstLine(error: unknown): string {
  const [line = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
  return line.charAt(0).toLowerCase() + line.slice(1);
}

/** Walks a tree of the parser: nodes are { op, args }, an identifier is { op: 'id', args: name }. */
function identifiersIn(tree: unknown): readonly string[] {
  if (Array.isArray(tree)) return tree.flatMap(identifiersIn);
  if (typeof tree !== 'object' || tree === null || !('op' in tree) || !('args' in tree)) return [];
  return tree.op === 'id' && typeof tree.args === 'string' ? [tree.args] : identifiersIn(tree.args);
}
