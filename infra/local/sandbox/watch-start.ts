import { badRequest, resourceVersionTooLarge } from './status-object.ts';
import { isTrue } from './url.ts';

/** `state`: everything that exists, as ADDED; then changes. `after`: only what was committed after the revision. */
export type WatchStart = { readonly kind: 'state'; readonly marksEnd: boolean } | { readonly kind: 'after'; readonly revision: number };

export function startOfWatch(query: Readonly<Record<string, string>>, current: number): WatchStart {
  const sendsInitialEvents = isTrue(query['sendInitialEvents'] ?? 'false');
  const match = query['resourceVersionMatch'] ?? '';
  if (sendsInitialEvents !== (match === 'NotOlderThan')) {
    throw badRequest('sendInitialEvents=true needs resourceVersionMatch=NotOlderThan, and a watch takes resourceVersionMatch with it only');
  }
  const revision = parseResourceVersion(query['resourceVersion']);
  if (revision > current) throw resourceVersionTooLarge(revision, current);
  return sendsInitialEvents || revision === 0 ? { kind: 'state', marksEnd: sendsInitialEvents } : { kind: 'after', revision };
}

/** 0 for none: any state will do. */
export function parseResourceVersion(text: string | undefined): number {
  if (text === undefined || text === '') return 0;
  if (!/^\d{1,15}$/.test(text)) throw badRequest(`resourceVersion: Invalid value: ${JSON.stringify(text)}: is a number that this server gave`);
  return Number(text);
}
