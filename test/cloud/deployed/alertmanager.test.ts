import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { numberAt, stringAt } from '../../../shared/kubernetes/unstructured.ts';
import { startAlertmanagers, type Alertmanagers, type PostedAlert } from '../../support/alertmanager.ts';
import { theDeployment, type TestedDeployment } from '../../support/deployed.ts';
import { aFaultyFront, type FaultyFront } from '../../support/faulty-front.ts';

let product: TestedDeployment;
const running: (Alertmanagers | FaultyFront)[] = [];
beforeAll(async () => {
  product = await theDeployment();
});
afterEach(async () => {
  for (const each of running.splice(0).toReversed()) await ('stop' in each ? each.stop() : each.close());
});
afterAll(() => product.close());

const outageSeconds = 20; // longer than a group's interval, after which a failed notification is sent anew

async function alertmanagers(count: 1 | 2, url: string, groupBy: readonly string[] = ['...']): Promise<Alertmanagers> {
  const started = await startAlertmanagers(count, { url, token: product.webhookToken }, groupBy);
  running.push(started);
  return started;
}

async function front(): Promise<FaultyFront> {
  const started = await aFaultyFront(product.webhookUrl);
  running.push(started);
  return started;
}

/** About something that is nowhere: its request ends soon, and acts on nothing. */
function firing(alertname: string, more: Readonly<Record<string, string>> = {}): PostedAlert {
  return { labels: { alertname, namespace: 'nowhere', deployment: 'nothing', severity: 'warning', ...more }, startsAt: new Date().toISOString() };
}

const occurrencesOf = async (alertname: string) =>
  (await product.requestsOf(alertname)).map((request) => numberAt(request, 'status', 'alertStatus', 'occurrences') ?? 0);

/** As long as the other of a pair may wait before it sends too, and some more. */
const peerSeconds = 8;

const externalUrlsOf = (posts: FaultyFront['posts']) => new Set(posts.map(({ body }) => /"externalURL":"([^"]*)"/.exec(body)?.[1]));

describe.each([
  { sentence: 'a real Alertmanager', count: 1, suffix: 'Alone' },
  { sentence: 'a pair of real Alertmanagers', count: 2, suffix: 'Pair' },
] as const)('$sentence', ({ count, suffix }) => {
  const named = (name: string) => `Am${name}${suffix}`;

  async function expectOneRequestEach(names: readonly string[]): Promise<void> {
    if (count === 2) await wait(peerSeconds * 1_000);
    for (const name of names) expect(await product.requestsOf(name)).toHaveLength(1);
  }

  it('is taken at its word: a firing alert is one request however often it is repeated, and its resolution is told', async () => {
    const name = named('Repeated');
    const manager = await alertmanagers(count, product.webhookUrl);
    const alert = firing(name);
    await manager.post([alert]);
    await product.eventually('a repetition was counted', async () => (await occurrencesOf(name)).some((occurrences) => occurrences >= 2));
    await expectOneRequestEach([name]);
    await manager.post([{ ...alert, endsAt: new Date().toISOString() }]);
    await product.eventually('the resolution arrived', async () =>
      (await product.requestsOf(name)).every((request) => stringAt(request, 'status', 'alertStatus', 'state') === 'resolved'),
    );
    await expectOneRequestEach([name]);
  });

  it('may group alerts, some resolved, into one notification: each counts by its own', async () => {
    const before = await front();
    const manager = await alertmanagers(count, before.url, ['namespace']);
    const first = Array.from({ length: 8 }, (_, index) => firing(named(`Grouped${index}`)));
    const more = [firing(named('Grouped8')), firing(named('Grouped9'))];
    await manager.post(first);
    for (const { labels } of first) await product.ended(labels['alertname'] ?? '');
    await manager.post([...first.slice(0, 4).map((alert) => ({ ...alert, endsAt: new Date().toISOString() })), ...more]);
    for (const { labels } of more) await product.ended(labels['alertname'] ?? '');
    const mixed = before.posts.filter(({ body }) => body.includes('"resolved"') && body.includes('"firing"') && body.includes(named('Grouped9')));
    expect(mixed).not.toEqual([]);
    await product.eventually('the resolutions arrived', async () => {
      const requests = (await Promise.all(first.map(({ labels }) => product.requestsOf(labels['alertname'] ?? '')))).flat();
      const states = requests.map((request) => stringAt(request, 'status', 'alertStatus', 'state'));
      return states.filter((state) => state === 'resolved').length === 4;
    });
    await expectOneRequestEach([...first, ...more].map(({ labels }) => labels['alertname'] ?? ''));
  });

  it('waits for us to come back, from trouble and from being away: each alert that fired meanwhile is one request', async () => {
    const names = ['Trouble0', 'Trouble1', 'Away0', 'Away1'].map(named);
    const before = await front();
    const manager = await alertmanagers(count, before.url);
    before.trouble(true);
    await manager.post(names.slice(0, 2).map((name) => firing(name)));
    await wait(outageSeconds * 1_000);
    expect(new Set(before.posts.map(({ status }) => status))).toEqual(new Set([503]));
    // Of a pair each has taken the other for dead or slow by now, and tries by itself.
    expect(externalUrlsOf(before.posts).size).toBe(count);
    before.trouble(false);
    await before.leave();
    await manager.post(names.slice(2).map((name) => firing(name)));
    await wait(outageSeconds * 1_000);
    await before.comeBack();
    for (const name of names) await product.ended(name);
    await expectOneRequestEach(names);
    expect(before.posts.map(({ status }) => status).filter((status) => status !== 503 && status !== 200)).toEqual([]);
  });
});
