import { describe, expect, it } from 'vitest';
import { regionIn, sqsAddress } from './sqs-address.ts';

const nothing = { region: undefined, endpoint: undefined };

describe('where queues are asked', () => {
  it.each<[sentence: string, prefix: string, given: Parameters<typeof sqsAddress>[1], address: ReturnType<typeof sqsAddress>]>([
    ['in the region of their URL', 'https://sqs.eu-central-1.amazonaws.com/1/kubernaut-dev-', nothing, { region: 'eu-central-1' }],
    ['whatever region the shell is in', 'https://sqs.eu-central-1.amazonaws.com/1/q-', { ...nothing, region: 'us-east-1' }, { region: 'eu-central-1' }],
    ['in China', 'https://sqs.cn-north-1.amazonaws.com.cn/1/q-', nothing, { region: 'cn-north-1' }],
    [
      'by an endpoint of a VPC',
      'https://vpce-1-2.sqs.us-gov-west-1.vpce.amazonaws.com/1/q-',
      nothing,
      { region: 'us-gov-west-1', endpoint: 'https://vpce-1-2.sqs.us-gov-west-1.vpce.amazonaws.com' },
    ],
    [
      'by the oldest form of a URL',
      'https://eu-west-1.queue.amazonaws.com/1/q-',
      nothing,
      { region: 'eu-west-1', endpoint: 'https://eu-west-1.queue.amazonaws.com' },
    ],
    [
      'where their URL says, which is none of AWS',
      'http://sqs.internal:9324/1/q-',
      { ...nothing, region: 'x-1' },
      { region: 'x-1', endpoint: 'http://sqs.internal:9324' },
    ],
    [
      'where an endpoint is named',
      'http://sqs.internal/1/q-',
      { region: 'eu-central-1', endpoint: 'http://127.0.0.1:4566' },
      { region: 'eu-central-1', endpoint: 'http://127.0.0.1:4566' },
    ],
    ['without a region where nobody names one', 'http://127.0.0.1:4566/1/q-', nothing, { endpoint: 'http://127.0.0.1:4566' }],
  ])('%s', (_sentence, prefix, given, address) => {
    expect(sqsAddress(prefix, given)).toEqual(address);
  });

  it.each(['http://sqs.internal/1/q-', 'https://example.com/sqs.eu-central-1.amazonaws.com/q-', 'no URL'])('no region is in %s', (url) => {
    expect(regionIn(url)).toBeUndefined();
  });
});
