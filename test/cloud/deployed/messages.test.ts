import { GetQueueAttributesCommand, ReceiveMessageCommand, SendMessageBatchCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { theDeployment, type TestedDeployment } from '../../support/deployed.ts';
import { linesOf } from '../../support/function-logs.ts';

let product: TestedDeployment;
beforeAll(async () => {
  product = await theDeployment();
});
afterAll(() => product.close());

const urlOf = (queue: string) => `${product.queueUrlPrefix}${queue}`;

function alertMessage(alertname: string): string {
  const labels = { alertname, namespace: 'nowhere', deployment: 'nothing', severity: 'warning' };
  const alert = { status: 'firing', labels, annotations: {}, startsAt: '2026-01-15T10:33:30Z', endsAt: '0001-01-01T00:00:00Z', generatorURL: '' };
  return JSON.stringify({
    version: 1,
    receivedAt: '2026-01-15T10:34:00Z',
    source: 'alertmanager',
    receiver: 'r',
    groupKey: 'k',
    externalURL: '',
    truncatedAlerts: 0,
    alert,
  });
}

describe('a message that can never be handled', () => {
  it('becomes a dead letter alone and with its reason, and its nine neighbours become requests', async () => {
    const good = Array.from({ length: 9 }, (_, index) => `Neighbour${index}`);
    const bodies = [...good.slice(0, 4).map(alertMessage), '{"version":1, not JSON', ...good.slice(4).map(alertMessage)];
    await product.sqs.send(
      new SendMessageBatchCommand({ QueueUrl: urlOf('alerts'), Entries: bodies.map((MessageBody, index) => ({ Id: String(index), MessageBody })) }),
    );
    await Promise.all(good.map((name) => product.ended(name)));
    let letters: readonly unknown[] = [];
    await product.eventually('the poison is a dead letter', async () => {
      const request = { QueueUrl: urlOf('alerts-dlq'), MaxNumberOfMessages: 10, MessageAttributeNames: ['All'], VisibilityTimeout: 5 };
      letters = (await product.sqs.send(new ReceiveMessageCommand(request))).Messages ?? [];
      return letters.length > 0;
    });
    expect(letters).toMatchObject([
      { Body: '{"version":1, not JSON', MessageAttributes: { reason: { StringValue: expect.stringContaining('JSON') as string } } },
    ]);
    const { Attributes: counts } = await product.sqs.send(new GetQueueAttributesCommand({ QueueUrl: urlOf('alerts'), AttributeNames: ['All'] }));
    expect(counts).toMatchObject({ ApproximateNumberOfMessages: '0' });
  });
});

describe('a message with a delay', () => {
  it('is not handled before its time, and then it is', async () => {
    const sent = Date.now();
    await product.sqs.send(new SendMessageCommand({ QueueUrl: urlOf('alerts'), MessageBody: '"late poison"', DelaySeconds: 6 }));
    const { Attributes: counts } = await product.sqs.send(
      new GetQueueAttributesCommand({ QueueUrl: urlOf('alerts'), AttributeNames: ['ApproximateNumberOfMessagesDelayed'] }),
    );
    expect(counts).toEqual({ ApproximateNumberOfMessagesDelayed: '1' });
    let at = 0;
    await product.eventually('it was rejected', async () => {
      const times = (await linesOf(product, 'alert-intake', 'message rejected')).map((line) => Date.parse(String(line['timestamp'])));
      at = times.find((time) => time >= sent) ?? 0;
      return at > 0;
    });
    expect(at - sent).toBeGreaterThanOrEqual(5_900);
  });
});
