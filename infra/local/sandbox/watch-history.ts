import type { Change, Store } from './store.ts';
import type { ResourceType } from './resource-types.ts';

/** The recent changes of each resource, so that a watch can resume where another one ended. */
export interface WatchHistory {
  /** What was committed after the revision, oldest first; null when some of it is no longer kept. */
  since(type: ResourceType, revision: number): readonly Change[] | null;
}

interface Recent {
  readonly changes: Change[];
  /** Revision of the newest change that was dropped; at first, of the empty store. */
  floor: number;
}

export function watchHistory(store: Store, windowEvents: number): WatchHistory {
  const beginning = store.revision();
  const recents = new Map<string, Recent>();
  const recentOf = ({ group, plural }: ResourceType): Recent => {
    const recent = recents.get(`${group}/${plural}`) ?? { changes: [], floor: beginning };
    recents.set(`${group}/${plural}`, recent);
    return recent;
  };
  store.observe((change) => {
    const recent = recentOf(change.type);
    recent.changes.push(change);
    if (recent.changes.length > windowEvents) recent.floor = recent.changes.shift()?.revision ?? recent.floor;
  });
  return {
    since(type, revision) {
      const { changes, floor } = recentOf(type);
      return revision < floor ? null : changes.filter((change) => change.revision > revision);
    },
  };
}
