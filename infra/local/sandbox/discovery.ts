import type { JsonObject } from '../../../shared/api/json.ts';
import type { ApiResponse } from '../../../shared/kubernetes/request.ts';
import type { VirtualEndpoint } from './extension.ts';
import { aggregatedDiscovery, wantsAggregated } from './discovery-aggregated.ts';
import { apiGroup, apiGroupList, apiResourceList, apiVersions } from './discovery-legacy.ts';
import { withVirtualTypes } from './discovery-types.ts';
import type { ResourceTypes } from './resource-types.ts';
import { noSuchResource } from './status-object.ts';

/** `/api` and `/apis`: what this server serves, once in all for clients that know the aggregated form, step by step for others. */
export const discovery: VirtualEndpoint = {
  matches: ({ method, path }) => method === 'GET' && /^\/api(?:s(?:\/[^/]+){0,2}|\/[^/]+)?\/?$/.test(path),
  answer({ path, accept }, { types }): ApiResponse {
    const body = documentAt(
      path.split('/').filter((segment) => segment !== ''),
      { types, aggregated: wantsAggregated(accept) },
    );
    if (body === null) throw noSuchResource();
    return { status: 200, body };
  },
};

interface Wanted {
  readonly types: ResourceTypes;
  readonly aggregated: boolean;
}

function documentAt([root, first, second]: readonly string[], { types, aggregated }: Wanted): JsonObject | null {
  const served = withVirtualTypes(types.all());
  const inCore = root === 'api';
  if (first === undefined) {
    if (aggregated) return aggregatedDiscovery(served.filter(({ group }) => (group === '') === inCore));
    return inCore ? apiVersions() : apiGroupList(served);
  }
  const group = inCore ? '' : first;
  const version = inCore ? first : second;
  return version === undefined ? apiGroup(served, group) : apiResourceList(served, group, version);
}
