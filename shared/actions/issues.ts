import type * as z from 'zod';
import { nearest } from './nearest.ts';

export interface ParameterIssue {
  /** Path inside the parameters; '' for the parameters as a whole. */
  readonly field: string;
  /** Begins with the field. */
  readonly message: string;
}

/** What a schema refuses as sentences, one a mistake: "replicas: must be …", "replica: is no parameter of scale_deployment: did you mean replicas?". */
export function parameterIssues(error: z.ZodError, action: string, known: readonly string[]): readonly ParameterIssue[] {
  return error.issues.flatMap((issue) => {
    if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey([...issue.path, key], { action, known }));
    return [named(issue.path.map(String).join('.'), issue.message)];
  });
}

function unknownKey(path: readonly PropertyKey[], { action, known }: { readonly action: string; readonly known: readonly string[] }): ParameterIssue {
  const field = path.map((part) => printable(String(part))).join('.');
  const meant = path.length === 1 ? nearest(field, known) : null;
  return named(field, `is no parameter of ${action}${meant === null ? '' : `: did you mean ${meant}?`}`);
}

function named(field: string, message: string): ParameterIssue {
  return { field, message: field === '' ? message : `${field}: ${message}` };
}

const keyLengthShown = 63;

/** A key comes from outside: what could move a terminal's cursor is shown as '?'. */
function printable(key: string): string {
  return key.replace(/\p{Cc}/gu, '?').slice(0, keyLengthShown);
}
