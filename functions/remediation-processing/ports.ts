import type { ClusterReader } from '../../shared/kubernetes/ports.ts';

/** What the phases look through: reads only. */
export interface Ports {
  readonly cluster: Pick<ClusterReader, 'get' | 'list'>;
}
