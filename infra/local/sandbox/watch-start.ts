import { forbiddenField, notSupported } from './crd-causes.ts';
import type { Cause } from './extension.ts';
import { badRequest, invalid, StatusError } from './status-object.ts';
import { isTrue } from './url.ts';

/**
 * `state`: everything that exists, as ADDED; then changes. `after`: only what is committed after the revision, which may lie ahead.
 * `tooNew`: everything as of a revision that is yet to come.
 */
export type WatchStart = { readonly kind: 'state' } | { readonly kind: 'after' | 'tooNew'; readonly revision: number };

type Query = Readonly<Record<string, string>>;

/** Throws a 422 for options that contradict each other. */
export function startOfWatch(query: Query, current: number): WatchStart {
  refuse(watchCauses(query));
  const revision = versionToWatch(query['resourceVersion']);
  const { sendInitialEvents } = query;
  if (sendInitialEvents === undefined) return revision === 0 ? { kind: 'state' } : { kind: 'after', revision };
  if (!isTrue(sendInitialEvents)) return { kind: 'after', revision: revision === 0 ? current : revision };
  return revision > current ? { kind: 'tooNew', revision } : { kind: 'state' };
}

/** The version that a list must not be older than; 0 for none. Throws a 400 or 422 for what cannot be asked. */
export function versionToList(query: Query): number {
  refuse(listCauses(query));
  const { resourceVersion = '' } = query;
  if (resourceVersion === '') return 0;
  if (!isVersion(resourceVersion)) throw badRequest(`invalid resource version: resourceVersion: ${unparsable(resourceVersion)}`);
  return Number(resourceVersion);
}

/** A kube-apiserver takes a version that is none for a fault of its own. */
function versionToWatch(resourceVersion: string | undefined): number {
  if (resourceVersion === undefined || resourceVersion === '') return 0;
  if (!isVersion(resourceVersion)) throw new StatusError({ code: 500, reason: '', message: `resourceVersion: ${unparsable(resourceVersion)}` });
  return Number(resourceVersion);
}

function isVersion(text: string): boolean {
  return /^\d{1,15}$/.test(text);
}

function unparsable(text: string): string {
  return `Invalid value: ${JSON.stringify(text)}: strconv.ParseUint: parsing ${JSON.stringify(text)}: invalid syntax`;
}

const matchField = 'resourceVersionMatch';

function watchCauses({ sendInitialEvents, resourceVersionMatch = '' }: Query): readonly Cause[] {
  if (sendInitialEvents === undefined) {
    return resourceVersionMatch === '' ? [] : [forbiddenField(matchField, 'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided')];
  }
  if (resourceVersionMatch === 'NotOlderThan') return [];
  const needed = forbiddenField(matchField, 'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan');
  return resourceVersionMatch === '' ? [needed] : [needed, notSupported(matchField, resourceVersionMatch, ['NotOlderThan'])];
}

function listCauses({ sendInitialEvents, resourceVersionMatch = '', resourceVersion = '', continue: token = '' }: Query): readonly Cause[] {
  return [
    ...(sendInitialEvents === undefined ? [] : [forbiddenField('sendInitialEvents', 'sendInitialEvents is forbidden for list')]),
    ...(resourceVersionMatch === '' ? [] : matchCauses({ resourceVersionMatch, resourceVersion, token })),
  ];
}

interface Matching {
  readonly resourceVersionMatch: string;
  readonly resourceVersion: string;
  readonly token: string;
}

function matchCauses({ resourceVersionMatch, resourceVersion, token }: Matching): readonly Cause[] {
  const isKnown = ['Exact', 'NotOlderThan'].includes(resourceVersionMatch);
  return [
    ...(resourceVersion === '' ? [forbiddenField(matchField, 'resourceVersionMatch is forbidden unless resourceVersion is provided')] : []),
    ...(token === '' ? [] : [forbiddenField(matchField, 'resourceVersionMatch is forbidden when continue is provided')]),
    ...(isKnown ? [] : [notSupported(matchField, resourceVersionMatch, ['Exact', 'NotOlderThan', ''])]),
    ...(resourceVersionMatch === 'Exact' && resourceVersion === '0'
      ? [forbiddenField(matchField, 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"')]
      : []),
  ];
}

function refuse(causes: readonly Cause[]): void {
  if (causes.length > 0) throw invalid({ group: 'meta.k8s.io', kind: 'ListOptions' }, '', causes);
}
