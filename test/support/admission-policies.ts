import type { AdmissionPolicy } from '../../infra/cluster/admission-policy.ts';
import { celCompiler, type CelProgram } from '../../infra/local/sandbox/cel.ts';

/** What an API server asks a policy about: `request` as in an AdmissionReview, the object and the one it replaces. */
export interface Asked {
  readonly request: object;
  readonly object?: object;
  readonly oldObject?: object;
}

const compile = celCompiler(['request', 'object', 'oldObject', 'variables']);

/** The messages of the rules that refuse, as an API server gives them; null when the policy does not concern itself with the request. */
export function judge({ concerns, variables, rules }: AdmissionPolicy, asked: Asked): readonly string[] | null {
  const world = counted({ object: null, oldObject: null, ...asked }) as Readonly<Record<string, unknown>>;
  if (!Object.values(concerns).every((condition) => value(programOf(condition), world) === true)) return null;
  const values = { ...world, variables: lazily(variables, world) };
  return rules.filter(({ holds }) => value(programOf(holds), values) !== true).map(({ message }) => message);
}

/** Every expression of a policy that does not compile, with what is wrong. */
export function uncompilable({ concerns, variables, rules }: AdmissionPolicy): readonly string[] {
  const expressions = [...Object.values(concerns), ...Object.values(variables), ...rules.map(({ holds }) => holds)];
  return expressions.flatMap((expression) => {
    const compiled = compile(expression);
    return compiled.kind === 'error' ? [`${expression}: ${compiled.message}`] : [];
  });
}

function programOf(expression: string): CelProgram {
  const compiled = compile(expression);
  if (compiled.kind === 'error') throw new Error(`${expression}: ${compiled.message}`);
  return compiled.program;
}

/** An expression that fails refuses, since the policies' failurePolicy is Fail: here it is a mistake of the policy, and thrown. */
function value(program: CelProgram, world: Readonly<Record<string, unknown>>): unknown {
  const outcome = program.evaluate(world);
  if (outcome.kind === 'error') throw new Error(outcome.message);
  return outcome.value;
}

/** Each is evaluated when an expression first asks for it, and may ask for those before it. */
function lazily(expressions: Readonly<Record<string, string>>, world: Readonly<Record<string, unknown>>): object {
  const variables = {};
  for (const [name, expression] of Object.entries(expressions)) {
    const get = () => value(programOf(expression), { ...world, variables });
    Object.defineProperty(variables, name, { enumerable: true, get });
  }
  return variables;
}

/** JSON's integers are CEL's int. */
function counted(json: unknown): unknown {
  if (Array.isArray(json)) return json.map(counted);
  if (typeof json === 'object' && json !== null) return Object.fromEntries(Object.entries(json).map(([key, member]) => [key, counted(member)]));
  return typeof json === 'number' && Number.isInteger(json) ? BigInt(json) : json;
}
