import { workerData } from 'node:worker_threads';
import { Hono } from 'hono';
import { composeApp } from '../../../functions/admission-webhook/handler.ts';
import { millisecondsOf } from '../../../shared/api/time.ts';
import { systemClock } from '../../../shared/system-clock.ts';
import { queuesTwin } from '../../support/queues-twin.ts';
import { serveFront, type FrontCertificate } from '../fronts/front-server.ts';
import { recordedAt } from './reviews.ts';

export interface ServerData extends FrontCertificate {
  readonly kind: 'bare' | 'admission';
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
  const now = millisecondsOf(recordedAt);
  const clock = { ...systemClock, milliseconds: () => now }; // on any other day each approval would be refused as too late
  return composeApp(variables, { queues: queuesTwin(), clock });
}

const data = workerData as ServerData;
await serveFront(`the ${data.kind} server`, data, data.kind === 'bare' ? bareApp() : admissionApp(data));
