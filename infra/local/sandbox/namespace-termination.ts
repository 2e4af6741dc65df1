import { deleteStored } from './deletion.ts';
import { isDeleting } from './object.ts';
import type { Stored } from './owner-index.ts';
import type { ServerContext } from './server-context.ts';

/** Deletes what an ending namespace holds; the namespace itself goes when nothing is left in it. */
export function terminateNamespace(server: ServerContext, { type, object }: Stored): void {
  const { store, types } = server;
  const contents = (): readonly Stored[] =>
    types
      .all()
      .filter(({ namespaced }) => namespaced)
      .flatMap((kind) => store.list(kind.group, kind.plural, object.metadata.name).map((held) => ({ type: kind, object: held })));
  for (const held of contents()) {
    if (!isDeleting(held.object)) deleteStored(server, held.type, held.object, 'Background');
  }
  if (contents().length === 0 && (object.metadata.finalizers ?? []).length === 0) store.remove(type, object);
}
