import { startController, type ControllerPorts, type Running } from './controller.ts';
import { deploymentController } from './deployment-controller.ts';
import { disruptionController } from './disruption-controller.ts';
import { jobController } from './job-controller.ts';
import { replicaSetController } from './replica-set-controller.ts';
import { resourceQuotaController } from './resource-quota-controller.ts';

/** The control loops that a sandbox has instead of a kube-controller-manager. */
export function startControllers(ports: ControllerPorts): Running {
  const running = [
    startController(deploymentController, ports),
    startController(replicaSetController, ports),
    startController(jobController, ports),
    startController(disruptionController, ports),
    startController(resourceQuotaController, ports),
  ];
  return {
    async stop() {
      await Promise.all(running.map((controller) => controller.stop()));
    },
  };
}
