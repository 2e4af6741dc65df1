import { parseEnvironment, type Environment } from '../../shared/environment.ts';
import { openPorts, type FunctionPorts, type Variables } from '../../shared/function-ports.ts';
import { connectCluster } from '../../shared/kubernetes/connect.ts';
import { lazily } from '../../shared/lazy-handler.ts';
import { createQueueHandler, type QueueHandler } from '../../shared/reconciler/queue-handler.ts';
import { retrySettings } from '../../shared/reconciler/retry.ts';
import { adaptRaw, bodyBytesMax, bodySchema } from './body.ts';
import { takeFiring, takeResolved, type IntakePorts } from './intake.ts';
import type { Arrival } from './rows.ts';

const receivesMax = 100; // serverless.yml: nothing else remembers an alert

export async function compose(variables: Variables, ports: Partial<FunctionPorts> = {}): Promise<QueueHandler> {
  const environment = parseEnvironment(variables, ports.cluster === undefined ? ['cluster'] : []);
  const cluster = ports.cluster ?? (await connectCluster(environment));
  const opened = openPorts('alert-intake', environment, ports);
  const intakePorts: IntakePorts = {
    cluster,
    record: (rows) =>
      opened.queues.send(
        'audit',
        rows.map((row) => ({ body: row })),
      ),
  };
  return createQueueHandler({
    ...opened,
    queue: 'alerts',
    body: { schema: bodySchema, bodyBytesMax, adapt: adaptRaw },
    settings: retrySettings(environment, receivesMax),
    work: {
      async handleRecord({ body: messages, messageId, receiveCount }) {
        for (const message of messages) await take({ ...placeOf(environment), message, messageId, now: opened.clock.now() }, intakePorts, receiveCount === 1);
      },
    },
  });
}

function placeOf(environment: Environment): Pick<Arrival, 'cluster' | 'namespace'> {
  return { cluster: environment.KUBERNAUT_CLUSTER, namespace: environment.KUBERNAUT_NAMESPACE };
}

function take(arrival: Arrival, ports: IntakePorts, isFirstLook: boolean): Promise<void> {
  return arrival.message.alert.status === 'firing' ? takeFiring(arrival, ports) : takeResolved(arrival, ports, isFirstLook);
}

export const handler = lazily(() => compose(process.env));
