import { isJsonObject } from '../../../shared/api/json.ts';
import type { KubernetesObject } from '../../../shared/api/object-ref.ts';
import type { ListMetadata } from './extension.ts';
import { numberAt, stringAt } from './object.ts';
import type { ResourceType } from './resource-types.ts';
import type { ServerContext } from './server-context.ts';
import { badRequest, expired } from './status-object.ts';

/** Where a page begins, as its `continue` says: after a key, in the list as of a revision. */
interface Position {
  readonly revision: number;
  readonly after: string;
}

export interface Page {
  readonly objects: readonly KubernetesObject[];
  readonly metadata: ListMetadata;
}

/**
 * The page that `limit` and `continue` ask for. Later pages are read from the present state and carry the version of the first:
 * what changed in between comes again by a watch from there. Throws 400 for a token that is none, 410 for one whose version is
 * no longer kept.
 */
export function pageOf(server: ServerContext, type: ResourceType, objects: readonly KubernetesObject[], query: Query): Page {
  const limit = limitOf(query['limit']);
  const position = positionOf(query['continue']);
  if (position !== null && server.history.since(type, position.revision) === null) throw expired(tooOld);
  const left = position === null ? objects : objects.filter((object) => keyOf(object) > position.after);
  const page = limit === 0 ? left : left.slice(0, limit);
  const revision = position?.revision ?? server.store.revision();
  const metadata = { resourceVersion: String(revision) };
  const last = page.at(-1);
  if (last === undefined || page.length === left.length) return { objects: page, metadata };
  const remaining = isSelected(query) ? {} : { remainingItemCount: left.length - page.length };
  return { objects: page, metadata: { ...metadata, continue: tokenOf({ revision, after: keyOf(last) }), ...remaining } };
}

type Query = Readonly<Record<string, string>>;

/** Then nobody counted what is left. */
function isSelected({ labelSelector = '', fieldSelector = '' }: Query): boolean {
  return labelSelector !== '' || fieldSelector !== '';
}

const tooOld =
  'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.';

/** 0: everything. */
function limitOf(text: string | undefined): number {
  if (text === undefined || text === '') return 0;
  if (!/^-?\d{1,15}$/.test(text)) throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`);
  return Math.max(0, Number(text));
}

function tokenOf(position: Position): string {
  return Buffer.from(JSON.stringify(position)).toString('base64url');
}

function positionOf(token = ''): Position | null {
  if (token === '') return null;
  const position = parsed(Buffer.from(token, 'base64url').toString('utf8'));
  const revision = isJsonObject(position) ? numberAt(position, 'revision') : undefined;
  if (!isJsonObject(position) || revision === undefined) throw badRequest('invalid continue token: continue key is not valid');
  return { revision, after: stringAt(position, 'after') };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null; // no token of ours
  }
}

function keyOf({ metadata: { namespace = '', name } }: KubernetesObject): string {
  return `${namespace}/${name}`;
}
