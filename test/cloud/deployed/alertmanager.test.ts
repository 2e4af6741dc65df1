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

describe('a real Alertmanager', () => {
  it('is taken at its word: a firing alert is one request however often it is repeated, and its resolution is told', async () => {
    const manager = await alertmanagers(1, product.webhookUrl);
    const alert = firing('AmRepeated');
    await manager.post([alert]);
    await product.eventually('a repetition was counted', async () => (await occurrencesOf('AmRepeated')).some((count) => count >= 2));
    expect(await product.requestsOf('AmRepeated')).toHaveLength(1);
    await manager.post([{ ...alert, endsAt: new Date().toISOString() }]);
    await product.eventually('the resolution arrived', async () =>
      (await product.requestsOf('AmRepeated')).every((request) => stringAt(request, 'status', 'alertStatus', 'state') === 'resolved'),
    );
    expect(await product.requestsOf('AmRepeated')).toHaveLength(1);
  });

  it('may group alerts, some resolved, into one notification: each counts by its own', async () => {
    const before = await front();
    const manager = await alertmanagers(1, before.url, ['namespace']);
    const first = Array.from({ length: 8 }, (_, index) => firing(`AmGrouped${index}`));
    const more = [firing('AmGrouped8'), firing('AmGrouped9')];
    await manager.post(first);
    for (const { labels } of first) await product.ended(labels['alertname'] ?? '');
    await manager.post([...first.slice(0, 4).map((alert) => ({ ...alert, endsAt: new Date().toISOString() })), ...more]);
    for (const { labels } of more) await product.ended(labels['alertname'] ?? '');
    const mixed = before.posts.filter(({ body }) => body.includes('"resolved"') && body.includes('"firing"') && body.includes('AmGrouped9'));
    expect(mixed).not.toEqual([]);
    await product.eventually('the resolutions arrived', async () => {
      const requests = (await Promise.all(first.map(({ labels }) => product.requestsOf(labels['alertname'] ?? '')))).flat();
      const states = requests.map((request) => stringAt(request, 'status', 'alertStatus', 'state'));
      return requests.length === first.length && states.filter((state) => state === 'resolved').length === 4;
    });
  });

  it('may be two: a firing alert is one request still', async () => {
    const pair = await alertmanagers(2, product.webhookUrl);
    const names = Array.from({ length: 5 }, (_, index) => `AmPair${index}`);
    await pair.post(names.map((name) => firing(name)));
    for (const name of names) await product.ended(name);
    await wait(6_000); // the other of the pair would have sent by now: it waits a peer's timeout and no longer
    for (const name of names) expect(await product.requestsOf(name)).toHaveLength(1);
  });

  it('waits for us to come back, from trouble and from being away: each alert that fired meanwhile is one request', async () => {
    const before = await front();
    const manager = await alertmanagers(1, before.url);
    before.trouble(true);
    await manager.post([firing('AmTrouble0'), firing('AmTrouble1')]);
    await wait(outageSeconds * 1_000);
    expect(new Set(before.posts.map(({ status }) => status))).toEqual(new Set([503]));
    before.trouble(false);
    await before.leave();
    await manager.post([firing('AmAway0'), firing('AmAway1')]);
    await wait(outageSeconds * 1_000);
    await before.comeBack();
    for (const name of ['AmTrouble0', 'AmTrouble1', 'AmAway0', 'AmAway1']) await product.ended(name);
    expect(before.posts.map(({ status }) => status).filter((status) => status !== 503 && status !== 200)).toEqual([]);
  });
});
