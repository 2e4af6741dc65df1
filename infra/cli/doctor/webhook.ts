import { fail, ok, warn, type Verdict } from './finding.ts';
import type { Check } from './patient.ts';

const callMilliseconds = 10_000;
const notToBeRead = '{}'; // no notification: it is refused after the token was looked at, and leaves nothing

/** Alertmanager's way in. */
export const webhookCheck: Check = {
  name: 'webhook',
  async look({ variables }) {
    const { KUBERNAUT_WEBHOOK_URL: url = '', KUBERNAUT_WEBHOOK_TOKEN: token = '' } = variables;
    if (url === '') return [warn('not looked at', 'set KUBERNAUT_WEBHOOK_URL to where Alertmanager posts, and KUBERNAUT_WEBHOOK_TOKEN to its token')];
    const target = URL.parse(url);
    if (target === null) return [fail('KUBERNAUT_WEBHOOK_URL is no URL', 'give the one of the function, with /alerts at its end')];
    const stranger = await statusOf(url, null);
    if (stranger.status !== 401) return [unexpected(url, stranger)];
    const known =
      token === ''
        ? warn(`answers at ${url}; the token is not looked at`, 'set KUBERNAUT_WEBHOOK_TOKEN to the one of Alertmanager')
        : await withToken(url, token);
    return [known, ...openVerdict(target)];
  },
};

interface Answer {
  /** 0: nobody answered. */
  readonly status: number;
  readonly words: string;
}

async function withToken(url: string, token: string): Promise<Verdict> {
  const answer = await statusOf(url, token);
  if (answer.status === 400) return ok(`takes the token at ${url}`);
  if (answer.status !== 401) return unexpected(url, answer);
  return fail(
    `${url} does not take the token of KUBERNAUT_WEBHOOK_TOKEN`,
    'give Alertmanager one of the tokens that KUBERNAUT_WEBHOOK_TOKENS_SECRET holds; a new one is seen after five minutes',
  );
}

/** A connection that was kept and had been closed says nothing about the webhook, and what is sent leaves nothing: so it is sent twice before it counts. */
async function statusOf(url: string, token: string | null): Promise<Answer> {
  const first = await post(url, token);
  return first.status === 0 ? post(url, token) : first;
}

async function post(url: string, token: string | null): Promise<Answer> {
  const headers = { 'content-type': 'application/json', ...(token !== null && { authorization: `Bearer ${token}` }) };
  try {
    const answer = await fetch(url, { method: 'POST', headers, body: notToBeRead, redirect: 'manual', signal: AbortSignal.timeout(callMilliseconds) });
    await answer.body?.cancel();
    return { status: answer.status, words: `status ${answer.status}` };
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : '';
    return { status: 0, words: cause === '' ? String(error) : cause };
  }
}

function unexpected(url: string, { status, words }: Answer): Verdict {
  if (status === 0) return fail(`${url} does not answer (${words})`, 'is that the URL of alert-webhook, and is it deployed?');
  if (status === 400 || status === 200) return fail(`${url} takes alerts from anybody`, 'something before it adds the token: let the sender bring it');
  if (status >= 500) return fail(`${url} is in trouble (${words})`, 'its log says why: mostly the secret of its tokens cannot be read');
  return fail(`${url} is not the webhook (${words})`, 'give the URL of alert-webhook, with /alerts at its end');
}

function openVerdict({ protocol, hostname }: URL): readonly Verdict[] {
  const isLoopback = hostname === 'localhost' || hostname === '[::1]' || hostname.startsWith('127.');
  if (protocol === 'https:' || isLoopback) return [];
  return [warn('its token travels by plain http', 'give it https')];
}
