import type { LogBounds } from '../container-logs.ts';
import { invalidValue } from './crd-causes.ts';
import type { Cause } from './extension.ts';
import { badRequest, invalid } from './status-object.ts';
import { isTrue } from './url.ts';

export interface PodLogOptions {
  /** Empty: the only one. */
  readonly container: string;
  readonly bounds: LogBounds;
  readonly follow: boolean;
  readonly previous: boolean;
}

/** What the query asks of a log, judged before anybody looks for the pod. Throws 400 for what is no number, 422 for one out of bounds. */
export function podLogOptions(query: Readonly<Record<string, string>>, pod: string): PodLogOptions {
  const counts = { tailLines: countAt(query, 'tailLines'), limitBytes: countAt(query, 'limitBytes'), sinceSeconds: countAt(query, 'sinceSeconds') };
  const causes = [...tooSmall(counts, 'tailLines', 0), ...tooSmall(counts, 'sinceSeconds', 1), ...tooSmall(counts, 'limitBytes', 1)];
  if (causes.length > 0) throw invalid({ group: '', kind: 'PodLogOptions' }, pod, causes);
  const isSet = (parameter: string): boolean => isTrue(query[parameter] ?? 'false');
  const { tailLines, limitBytes } = counts;
  return { container: query['container'] ?? '', bounds: { tailLines, limitBytes }, follow: isSet('follow'), previous: isSet('previous') };
}

function countAt(query: Readonly<Record<string, string>>, parameter: string): number | undefined {
  const text = query[parameter];
  if (text === undefined) return undefined;
  if (!/^-?\d{1,9}$/.test(text)) throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`);
  return Number(text);
}

function tooSmall(counts: Readonly<Record<string, number | undefined>>, field: string, min: 0 | 1): readonly Cause[] {
  const count = counts[field];
  if (count === undefined || count >= min) return [];
  return [invalidValue(field, count, min === 0 ? 'must be greater than or equal to 0' : 'must be greater than 0')];
}
