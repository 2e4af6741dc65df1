import type { WebhookClient } from '../sandbox/extension.ts';
import type { AdmissionEndpoint } from './install.ts';

type Fetch = (request: Request) => Promise<Response>;

export interface AdmissionInProcess {
  readonly endpoint: AdmissionEndpoint;
  /** What the sandbox reaches its webhooks with. */
  readonly webhooks: WebhookClient;
  answerWith(fetch: Fetch): void;
}

/** The admission-webhook's fetch function without a socket: where time is virtual, nothing may wait for the machine's. It knows no other host. */
export function admissionInProcess(segment: string): AdmissionInProcess {
  let answer: Fetch = () => Promise.resolve(new Response('starting\n', { status: 503 }));
  return {
    endpoint: { url: `https://admission.invalid/${segment}` },
    async webhooks({ url, review }) {
      const response = await answer(new Request(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(review) }));
      const { status, headers } = response;
      return { kind: 'answered', status, contentType: headers.get('content-type') ?? '', text: await response.text() };
    },
    answerWith(fetch) {
      answer = fetch;
    },
  };
}
