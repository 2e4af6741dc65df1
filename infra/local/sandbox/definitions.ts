import type { ServerContext } from './server-context.ts';
import type { Change } from './store.ts';
import type { ResourceType } from './resource-types.ts';

/** Keeps the served types in step with the stored CustomResourceDefinitions. A definition that goes takes its objects along. */
export function followDefinitions({ store, types, extensions }: Pick<ServerContext, 'store' | 'types' | 'extensions'>): void {
  store.observe(({ type, kind, object, previous }: Change) => {
    if (type.plural !== 'customresourcedefinitions' || type.group !== 'apiextensions.k8s.io') return;
    const before = previous === null ? [] : extensions.validator.typesOf(previous);
    const now = kind === 'DELETED' ? [] : extensions.validator.typesOf(object);
    for (const { group, plural } of before) types.withdraw(group, plural);
    types.establish(now);
    if (kind === 'DELETED') removeAll(store, before);
  });
}

function removeAll(store: ServerContext['store'], gone: readonly ResourceType[]): void {
  for (const type of gone) {
    for (const object of store.list(type.group, type.plural)) store.remove(type, object);
  }
}
