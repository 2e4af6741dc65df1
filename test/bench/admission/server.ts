import { once } from 'node:events';
import { createServer } from 'node:https';
import { parentPort, workerData } from 'node:worker_threads';
import { getRequestListener } from '@hono/node-server';
import { Hono } from 'hono';
import { composeApp } from '../../../functions/admission-webhook/handler.ts';
import { queuesTwin } from '../../support/queues-twin.ts';

export interface ServerData {
  readonly kind: 'bare' | 'admission';
  readonly certificatePem: string;
  readonly keyPem: string;
  /** Holds the secret segment. */
  readonly pathFile: string;
}

/** Reads the review and allows it: what any webhook on Hono must do at least. */
function bareApp(): Hono {
  const app = new Hono();
  app.post('/:segment/:door', async (context) => {
    const { request } = await context.req.json<{ readonly request: { readonly uid: string } }>();
    return context.json({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response: { uid: request.uid, allowed: true } });
  });
  return app;
}

function admissionApp({ pathFile }: ServerData): Hono {
  const variables = { KUBERNAUT_QUEUE_URL_PREFIX: 'http://localhost/', KUBERNAUT_ADMISSION_PATH_FILE: pathFile, KUBERNAUT_LOG_LEVEL: 'silent' };
  return composeApp(variables, { queues: queuesTwin() });
}

// A thread of its own, so that the one who asks does not pay for the answers.
const data = workerData as ServerData;
const app = data.kind === 'bare' ? bareApp() : admissionApp(data);
const listener = getRequestListener((request) => app.fetch(request));
const server = createServer({ cert: data.certificatePem, key: data.keyPem }, (request, response) => void listener(request, response));
server.listen(0, '127.0.0.1');
await once(server, 'listening');
const address = server.address();
parentPort?.postMessage(typeof address === 'object' ? address?.port : null);
