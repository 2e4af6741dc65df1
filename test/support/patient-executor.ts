import { setTimeout as wait } from 'node:timers/promises';
import type { Executor } from '../../infra/local/node/executor.ts';
import { createSimulatedKubectl, type SimulatedKubectlOptions } from '../../infra/local/node/simulated-kubectl.ts';
import { confirmingDenials } from '../../shared/kubernetes/denial.ts';
import type { ApiRequest, ApiResponse, Transport } from '../../shared/kubernetes/request.ts';

const patienceMilliseconds = 90_000;
const pauseMilliseconds = 250;

/**
 * A simulated kubectl that reaches the API as behind the load balancer of several servers, one of which always answers: a Job runs once and has no second try, so a
 * kubectl that met no server would end its step for good, and say nothing about who must not lose it.
 */
export function patientKubectl({ reader, clock, actAs }: SimulatedKubectlOptions): Executor {
  return createSimulatedKubectl({
    clock,
    reader: patient(reader),
    actAs: async (pod) => patient(await untilDone(() => actAs(pod))),
  });
}

function patient(transport: Transport): Transport {
  return {
    send: (request, timeoutMilliseconds) =>
      untilDone(async () => definite(request, await confirmingDenials((asked) => transport.send(asked, timeoutMilliseconds))(request))),
    watch: (path, query, signal) => transport.watch(path, query, signal),
  };
}

function definite({ method, path }: ApiRequest, answer: ApiResponse): ApiResponse {
  if (answer.status === 401 || answer.status === 429 || answer.status >= 500) throw new Error(`${method} ${path}: ${answer.status}`);
  return answer;
}

async function untilDone<Result>(attempt: () => Promise<Result>): Promise<Result> {
  const end = Date.now() + patienceMilliseconds;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (Date.now() > end) throw error;
      await wait(pauseMilliseconds);
    }
  }
}
