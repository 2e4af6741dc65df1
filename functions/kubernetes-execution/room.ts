import { parseKubernetesExecution, type KubernetesExecution } from '../../shared/api/kubernetes-execution.ts';
import type { ClusterReader } from '../../shared/kubernetes/ports.ts';
import { sealed } from '../../shared/reconciler/phase.ts';
import type { Room } from '../../shared/reconciler/room.ts';
import { cancelledBeforeActing } from './cancelled.ts';
import { ended } from './phases/ended.ts';
import { executing } from './phases/executing.ts';
import { fresh } from './phases/fresh.ts';
import { validating } from './phases/validating.ts';
import type { Settings } from './settings.ts';

/** Everything that the kernel knows of KubernetesExecutions. */
export function executionRoom(settings: Settings): Room<KubernetesExecution, ClusterReader> {
  const terminal = sealed(ended);
  return {
    kind: 'KubernetesExecution',
    parse: parseKubernetesExecution,
    phases: {
      '': sealed(fresh(settings), cancelledBeforeActing),
      validating: sealed(validating(settings), cancelledBeforeActing),
      executing: sealed(executing(settings)),
      completed: terminal,
      failed: terminal,
    },
  };
}
