import { request, type RequestOptions } from 'node:https';
import { ok, fail, warn, type Verdict } from './finding.ts';
import type { Check, Patient } from './patient.ts';

const callMilliseconds = 10_000;
const warnSeconds = 10;
const failSeconds = 120; // AWS refuses what was signed five minutes away from its own time, and waits and expiries are counted by these clocks

/** How far this machine, the API and the cloud are apart. Whichever is wrong, two that agree tell. */
export const clocksCheck: Check = {
  name: 'clocks',
  async look(patient) {
    const sources: readonly (readonly [string, (patient: Patient) => Promise<string | null>])[] = [
      ['the Kubernetes API', dateOfApi],
      ['SQS', dateOfQueues],
      ['the webhook', dateOfWebhook],
    ];
    const verdicts = await Promise.all(sources.map(([name, dateOf]) => compare(name, dateOf, patient)));
    const known = verdicts.filter((verdict) => verdict !== null);
    const wrong = known.filter(({ status }) => status !== 'ok');
    if (known.length === 0) return [warn('not looked at', 'nobody whose time could be compared answers')];
    return wrong.length > 0 ? wrong : [ok(`within ${warnSeconds} s of ${known.map(({ message }) => message).join(', ')}`)];
  },
};

/** Null: it does not answer, which is for another check to say. */
async function compare(name: string, dateOf: (patient: Patient) => Promise<string | null>, patient: Patient): Promise<Verdict | null> {
  const before = patient.clock.milliseconds();
  const date = await dateOf(patient).catch(() => null);
  const now = (before + patient.clock.milliseconds()) / 2;
  const theirs = Date.parse(date ?? '');
  if (Number.isNaN(theirs)) return null;
  const seconds = Math.round((now - theirs) / 1_000);
  const apart = `this machine is ${Math.abs(seconds)} s ${seconds > 0 ? 'before' : 'behind'} ${name}`;
  if (Math.abs(seconds) >= failSeconds) return fail(apart, 'let an NTP client set the one that is wrong');
  return Math.abs(seconds) >= warnSeconds ? warn(apart, 'let an NTP client set the one that is wrong') : ok(name);
}

async function dateOfApi(patient: Patient): Promise<string | null> {
  const { kubeconfig, server } = patient.connection();
  const options: RequestOptions = {};
  await kubeconfig.applyToHTTPSOptions(options);
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(callMilliseconds); // it ends the socket too, which would keep the command from its end
    request(new URL('version', `${server.replace(/\/$/, '')}/`), { ...options, method: 'HEAD', signal }, (answer) => {
      answer.resume();
      resolve(answer.headers.date ?? null);
    })
      .on('error', reject)
      .end();
  });
}

async function dateOfQueues({ variables, stage }: Patient): Promise<string | null> {
  const endpoint = variables['AWS_ENDPOINT_URL_SQS'] ?? variables['AWS_ENDPOINT_URL'] ?? stage().urlPrefix;
  return dateOfUrl(new URL('/', endpoint));
}

async function dateOfWebhook({ variables }: Patient): Promise<string | null> {
  const url = variables['KUBERNAUT_WEBHOOK_URL'] ?? '';
  return url === '' ? null : dateOfUrl(new URL(url));
}

async function dateOfUrl(url: URL): Promise<string | null> {
  const answer = await fetch(url, { method: 'HEAD', redirect: 'manual', signal: AbortSignal.timeout(callMilliseconds) });
  return answer.headers.get('date');
}
