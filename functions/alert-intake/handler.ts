import { parseEnvironment, type Environment } from '../../shared/environment.ts';
import { openPorts, type FunctionPorts, type Variables } from '../../shared/function-ports.ts';
import { ApiError } from '../../shared/kubernetes/errors.ts';
import { connectCluster } from '../../shared/kubernetes/connect.ts';
import { lazily } from '../../shared/lazy-handler.ts';
import type { AlertMessage } from '../../shared/queue/alert-message.ts';
import { createQueueHandler, type QueueHandler } from '../../shared/reconciler/queue-handler.ts';
import { NotYet, retrySettings } from '../../shared/reconciler/retry.ts';
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
        await takeEach(messages, (message) => {
          return take({ ...placeOf(environment), message, messageId, now: opened.clock.now() }, intakePorts, receiveCount === 1);
        });
      },
    },
  });
}

function placeOf(environment: Environment): Pick<Arrival, 'cluster' | 'namespace'> {
  return { cluster: environment.KUBERNAUT_CLUSTER, namespace: environment.KUBERNAUT_NAMESPACE };
}

/**
 * A notification that came by SNS holds many alerts, and comes again as a whole. One that has to come again, or that the cluster refuses, holds up
 * none of the others; where the cluster does not answer at all, the rest would only wait for it too.
 */
async function takeEach(messages: readonly AlertMessage[], takeOne: (message: AlertMessage) => Promise<void>): Promise<void> {
  const failures: Error[] = [];
  for (const message of messages) {
    try {
      await takeOne(message);
    } catch (error) {
      if (!(error instanceof NotYet || error instanceof ApiError)) throw error;
      failures.push(error);
    }
  }
  const failure = failures.find((error) => !(error instanceof NotYet)) ?? failures[0];
  if (failure !== undefined) throw failure;
}

function take(arrival: Arrival, ports: IntakePorts, isFirstLook: boolean): Promise<void> {
  return arrival.message.alert.status === 'firing' ? takeFiring(arrival, ports) : takeResolved(arrival, ports, isFirstLook);
}

export const handler = lazily(() => compose(process.env));
