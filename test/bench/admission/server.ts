import { createServer } from 'node:https';
import { parentPort, workerData } from 'node:worker_threads';
import { Hono } from 'hono';
import { composeApp } from '../../../functions/admission-webhook/handler.ts';
import { serveFetch } from '../../../infra/local/stack/fetch-server.ts';
import { millisecondsOf } from '../../../shared/api/time.ts';
import { systemClock } from '../../../shared/system-clock.ts';
import { queuesTwin } from '../../support/queues-twin.ts';
import { recordedAt } from './reviews.ts';

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
  // The bare one logs nothing either.
  const variables = { KUBERNAUT_QUEUE_URL_PREFIX: 'http://localhost/', KUBERNAUT_ADMISSION_PATH_FILE: pathFile, KUBERNAUT_LOG_LEVEL: 'silent' };
  const clock = { ...systemClock, milliseconds: () => millisecondsOf(recordedAt) }; // on any other day each approval would be refused as too late
  return composeApp(variables, { queues: queuesTwin(), clock });
}

// A thread of its own, so that the one who asks does not pay for the answers.
const data = workerData as ServerData;
const app = data.kind === 'bare' ? bareApp() : admissionApp(data);
const { certificatePem: cert, keyPem: key } = data;
const options = { cert, key, minVersion: 'TLSv1.2', headersTimeout: 5_000 } as const;
const server = await serveFetch({ what: `the ${data.kind} server`, option: 'port', port: 0, create: (listener) => createServer(options, listener) });
server.answerWith(async (request) => app.fetch(request)); // as the local stack serves a function
parentPort?.postMessage(server.port);
