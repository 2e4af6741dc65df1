import { join } from 'node:path';
import { composeApp, handler } from '../../../functions/alert-webhook/handler.ts';
import { readServerlessFile } from '../../../infra/local/stack/serverless-file.ts';
import { serveWebhook } from '../../../infra/local/stack/webhook-server.ts';
import type { UrlEvent } from '../../../shared/function-url.ts';

// A process of its own that is the alert-webhook in both its shapes: the local stack's HTTP server, and the Lambda entry with the settings of serverless.yml.
// An unhandled rejection ends it, and its exit code tells.

export type Question = { readonly id: number; readonly event: UrlEvent } | { readonly id: number; readonly peak: true };

const served = composeApp(process.env);
const server = await serveWebhook(0);
server.answerWith(async (request) => served.fetch(request));
const definition = readServerlessFile(join(import.meta.dirname, '../../..')).functions.find(({ name }) => name === 'alert-webhook');
Object.assign(process.env, { KUBERNAUT_BODY_BYTES_MAX: definition?.environment['KUBERNAUT_BODY_BYTES_MAX'] });

process.on('message', (question: Question) => {
  const answered = 'event' in question ? handler(question.event) : Promise.resolve(process.resourceUsage().maxRSS);
  void answered.then((answer) => process.send?.({ id: question.id, answer }));
});
process.on('disconnect', () => void server.close());
process.send?.({ id: 0, answer: server.url });
