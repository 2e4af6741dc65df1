import type { JsonObject } from '../../../shared/api/json.ts';
import { ownKey, type Controller } from '../controllers/controller.ts';
import { mergePatchBetween } from '../controllers/merge-patch.ts';
import { keyOf, readObject } from '../controllers/stored-object.ts';
import { nodeConditions, nodeKind, nodeSchema, type Node } from './node-object.ts';

/** Keeps the conditions of our nodes as their annotations say: a fixture makes a node ill by annotating it. */
export function nodeStatusController(names: readonly string[]): Controller<Node> {
  return {
    name: 'kubelet',
    watched: [{ kind: nodeKind, keysOf: (object) => (names.includes(object.metadata.name) ? ownKey(object) : []) }],

    async observe(client, { name }) {
      const found = await client.get({ ...nodeKind, name });
      return found && readObject(nodeSchema, found);
    },

    decide(node, { now }) {
      const { namespace: _none, ...key } = keyOf(node);
      const { annotations, resourceVersion } = node.metadata;
      const conditions = nodeConditions(node.status.conditions, annotations, now);
      const change = mergePatchBetween({ conditions: node.status.conditions } as unknown as JsonObject, { conditions } as unknown as JsonObject);
      return { writes: change === null ? [] : [{ kind: 'PatchObject', key, resourceVersion, subresource: 'status', patch: { status: change } }] };
    },
  };
}
