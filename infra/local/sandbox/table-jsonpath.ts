import { isJsonObject, type JsonValue } from '../../../shared/api/json.ts';

/** Every value that a path finds, in order; none when there is no such field. */
export type JsonPath = (root: JsonValue) => readonly JsonValue[];

type Step = (value: JsonValue) => readonly JsonValue[];

/** Whether `parseJsonPath` takes it. */
export function isJsonPath(path: string): boolean {
  try {
    parseJsonPath(path);
    return true;
  } catch {
    return false;
  }
}

/** What printer columns use of kubectl's JSONPath: `.status.conditions[?(@.type=="Ready")].status`, `[0]`, `[*]`, `['a.b']`, `.a\.b`. Throws RangeError on more. */
export function parseJsonPath(path: string): JsonPath {
  const steps: Step[] = [];
  let rest = path.replace(/^\$/, '');
  while (rest !== '') {
    const { step, length } = nextStep(rest, path);
    steps.push(step);
    rest = rest.slice(length);
  }
  return (root) => steps.reduce<readonly JsonValue[]>((values, step) => values.flatMap(step), [root]);
}

interface Token {
  readonly pattern: RegExp;
  step(match: RegExpExecArray): Step;
}

const tokens: readonly Token[] = [
  { pattern: /^\.((?:[^.[\]\\]|\\.)+)/, step: ([, name = '']) => field(name.replace(/\\(.)/g, '$1')) },
  {
    pattern: /^\[(-?\d+)\]/,
    step:
      ([, index = '']) =>
      (value) =>
        Array.isArray(value) ? value.slice(Number(index)).slice(0, 1) : [],
  },
  { pattern: /^\[\*\]/, step: () => (value) => (Array.isArray(value) ? value : membersOf(value)) },
  { pattern: /^\['([^']+)'\]/, step: ([, name = '']) => field(name) },
  {
    pattern: /^\[\?\(@((?:\.[\w-]+)+)\s*(==|!=)\s*(?:"([^"]*)"|'([^']*)'|([\w.-]+))\)\]/,
    step: ([, path = '', operator = '', inDouble, inSingle, bare = '']) => filter(parseJsonPath(path), operator, inDouble ?? inSingle ?? bare),
  },
];

function nextStep(rest: string, path: string): { readonly step: Step; readonly length: number } {
  for (const token of tokens) {
    const match = token.pattern.exec(rest);
    if (match !== null) return { step: token.step(match), length: match[0].length };
  }
  throw new RangeError(`unsupported JSONPath ${JSON.stringify(path)} at ${JSON.stringify(rest)}`);
}

function field(name: string): Step {
  return (value) => {
    const member = isJsonObject(value) ? value[name] : undefined;
    return member === undefined ? [] : [member];
  };
}

function filter(path: JsonPath, operator: string, wanted: string): Step {
  const matches = (item: JsonValue): boolean => path(item).some((found) => typeof found !== 'object' && String(found) === wanted);
  return (value) => (Array.isArray(value) ? value.filter((item: JsonValue) => matches(item) === (operator === '==')) : []);
}

function membersOf(value: JsonValue): readonly JsonValue[] {
  return isJsonObject(value) ? Object.values(value).filter((member) => member !== undefined) : [];
}
