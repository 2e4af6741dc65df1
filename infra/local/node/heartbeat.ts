import type { JsonObject } from '../../../shared/api/json.ts';
import type { TrackedClock } from '../tracked-clock.ts';
import { createApiClient } from '../controllers/api-client.ts';
import type { Running } from '../controllers/controller.ts';
import type { Transport } from '../../../shared/kubernetes/request.ts';

export interface HeartbeatOptions {
  readonly transport: Transport;
  readonly clock: TrackedClock;
  readonly nodeNames: readonly string[];
  readonly report: (message: string) => void;
}

const renewMilliseconds = 10_000; // a quarter of the lease, as a kubelet does it
const leaseSeconds = 40;
const leaseNamespace = 'kube-node-lease';

/** Renews the Lease of each node: without it a controller-manager takes the node for dead after 50 seconds and evicts its pods after five minutes. */
export function startHeartbeat({ transport, clock, nodeNames, report }: HeartbeatOptions): Running {
  const client = createApiClient(transport, 'kubelet');
  const abort = new AbortController();

  async function renew(name: string): Promise<void> {
    const key = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', namespace: leaseNamespace, name };
    const spec: JsonObject = { holderIdentity: name, leaseDurationSeconds: leaseSeconds, renewTime: microTime(clock.milliseconds()) };
    if ((await client.get(key)) === null)
      await client.create({ apiVersion: key.apiVersion, kind: key.kind, metadata: { name, namespace: leaseNamespace }, spec });
    else await client.mergePatch(key, { spec });
  }

  async function renewAll(): Promise<void> {
    for (const name of nodeNames) {
      await renew(name).catch((error: unknown) => {
        report(`renewing the lease of node ${name}: ${error instanceof Error ? error.message : String(error)}`);
      });
    }
  }

  async function beat(): Promise<void> {
    while (!abort.signal.aborted) {
      await clock.track(renewAll);
      await clock.sleep(renewMilliseconds, abort.signal).catch(() => undefined); // stopped: the loop sees it
    }
  }

  const beating = beat();
  return {
    async stop() {
      abort.abort();
      await beating;
    },
  };
}

/** metav1.MicroTime, six digits below the second. */
function microTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace('Z', '000Z');
}
