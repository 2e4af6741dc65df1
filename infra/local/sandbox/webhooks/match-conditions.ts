import { isJsonObject, type JsonObject } from '../../../../shared/api/json.ts';
import { celCompiler, type CelCompilation } from '../cel.ts';
import { celValue } from '../crd-cel-value.ts';
import { stringAt } from '../object.ts';
import { requestObject, type AdmissionRequest } from './admission-request.ts';

/** `unanswerable`: none is false, and at least one could not be evaluated. */
export type Match = { readonly kind: 'matches' } | { readonly kind: 'differs' } | { readonly kind: 'unanswerable'; readonly why: string };

export type MatchConditions = (request: AdmissionRequest) => Match;

/** Of a condition, or of a sentence of a policy: what `object`, `oldObject` and `request` are is seen when it is asked. The authorizer is not among them. */
const compile = celCompiler(['object', 'oldObject', 'request']);

export function compileCondition(expression: string): CelCompilation {
  const compiled = compile(expression);
  if (compiled.kind === 'error' || ['bool', 'dyn'].includes(compiled.program.resultType)) return compiled;
  return { kind: 'error', message: 'must evaluate to bool' };
}

/** Where failures are ignored, a condition that cannot be answered leaves the webhook out. */
export function matchConditions(conditions: readonly JsonObject[], failuresAreIgnored: boolean): MatchConditions {
  const compiled = conditions.map((condition) => {
    const expression = stringAt(condition, 'expression');
    return { expression, compilation: compileCondition(expression.trim()) };
  });
  if (compiled.length === 0) return () => ({ kind: 'matches' });
  return (request) => {
    const values = valuesOf(request);
    const outcomes = compiled.map(({ expression, compilation }) => {
      const outcome = compilation.kind === 'error' ? compilation : compilation.program.evaluate(values);
      return outcome.kind === 'error' ? `expression '${expression}' resulted in error: ${outcome.message}` : outcome.value === true;
    });
    const failures = outcomes.filter((outcome) => typeof outcome === 'string');
    if (outcomes.includes(false) || (failures.length > 0 && failuresAreIgnored)) return { kind: 'differs' };
    if (failures.length === 0) return { kind: 'matches' };
    return { kind: 'unanswerable', why: failures.length === 1 ? failures.join('') : `[${failures.join(', ')}]` };
  };
}

/** What an expression over a write may name. */
export function valuesOf(request: AdmissionRequest): Readonly<Record<string, unknown>> {
  const asked = requestObject(request, '');
  const { object, oldObject, ...rest } = asked;
  const seen = (value: unknown): unknown => (isJsonObject(value) ? celValue(undefined, value) : null);
  return { object: seen(object), oldObject: seen(oldObject), request: celValue(undefined, rest) };
}
