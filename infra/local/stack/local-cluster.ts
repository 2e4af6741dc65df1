import type { Transport } from '../../../shared/kubernetes/request.ts';
import type { ControlPlane } from '../control-plane/start-control-plane.ts';
import type { ControllerPorts, Running } from '../controllers/controller.ts';
import type { AdmissionEndpoint } from './install.ts';

/** A Kubernetes API on this machine, and what makes its objects live: the sandbox in this process, or a real control plane beside it. */
export interface LocalCluster {
  /** As an administrator. */
  readonly admin: Transport;
  /** Starts a node, and controllers where the cluster has none of its own. */
  start(ports: Omit<ControllerPorts, 'transport'>): Promise<LivingCluster>;
  /** Ends the API, its watches too. */
  close(): Promise<void>;
}

export interface LivingCluster extends Running {
  /** Which way executor pods are run. */
  readonly executor: string;
}

/** A person, as an API server's authentication would say it. */
export interface PersonName {
  readonly name: string;
  readonly groups?: readonly string[];
}

/** One that others can reach: over HTTPS on loopback. */
export interface ServedCluster extends LocalCluster {
  /** For people: `sandbox`, `kube-apiserver 1.36.3`. */
  readonly description: string;
  readonly url: string;
  readonly caPem: string;
  /** Null: there are no processes to end. */
  readonly controlPlane: ControlPlane | null;
  /** Path of an administrator's, for people. */
  readonly kubeconfig: string;
  /** Path of a new kubeconfig of somebody else, whom nothing is permitted yet but what is bound to the name and the groups. */
  kubeconfigOf(person: PersonName): Promise<string>;
  /** Installs the product as an administrator does: definitions, identities, the policies where the API can hold to them, and whom it asks about our kinds; null: nobody. */
  install(root: string, admission: AdmissionEndpoint | null): Promise<void>;
}
