import { successOf } from '../../shared/kubernetes/cluster.ts';
import type { Transport } from '../../shared/kubernetes/request.ts';
import { stringAt } from '../../shared/kubernetes/unstructured.ts';

/** Tokens of the watcher's ServiceAccount, each bound to a Secret of its own: worth nothing once that is gone. */
export interface WatcherTokens {
  fresh(): Promise<string>;
  /** The last one that was given out. */
  revoke(): Promise<void>;
}

const callMilliseconds = 20_000;
const namespace = '/api/v1/namespaces/kubernaut-system';

export function watcherTokens(admin: Transport): WatcherTokens {
  let count = 0;
  return {
    async fresh() {
      count += 1;
      const name = `watcher-token-${count}`;
      const secret = { method: 'POST', path: `${namespace}/secrets`, body: { metadata: { name } } } as const;
      const uid = stringAt(successOf(secret, await admin.send(secret, callMilliseconds)), 'metadata', 'uid');
      const spec = { expirationSeconds: 3_600, boundObjectRef: { kind: 'Secret', apiVersion: 'v1', name, uid } };
      const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec };
      const request = { method: 'POST', path: `${namespace}/serviceaccounts/kubernaut-watcher/token`, body } as const;
      return stringAt(successOf(request, await admin.send(request, callMilliseconds)), 'status', 'token') ?? '';
    },
    async revoke() {
      const request = { method: 'DELETE', path: `${namespace}/secrets/watcher-token-${count}` } as const;
      successOf(request, await admin.send(request, callMilliseconds));
    },
  };
}
