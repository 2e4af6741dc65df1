import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { objectFromProtobuf } from './https-protobuf.ts';
import { UnreadableProtobuf } from './https-protobuf-wire.ts';

function varint(value: bigint): Buffer {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, value);
  do {
    bytes.push(Number(rest & 0x7fn) | (rest > 0x7fn ? 0x80 : 0));
    rest >>= 7n;
  } while (rest > 0n);
  return Buffer.from(bytes);
}

/** A field of a message: a number, a text, or the fields of another message. */
function field(number: number, value: number | string | readonly Buffer[]): Buffer {
  if (typeof value === 'number') return Buffer.concat([varint(BigInt(number << 3)), varint(BigInt(value))]);
  const bytes = typeof value === 'string' ? Buffer.from(value) : Buffer.concat(value);
  return Buffer.concat([varint(BigInt((number << 3) | 2)), varint(BigInt(bytes.length)), bytes]);
}

function body(apiVersion: string, kind: string, ...fields: readonly Buffer[]): Buffer {
  return Buffer.concat([Buffer.from('k8s\0'), field(1, [field(1, apiVersion), field(2, kind)]), field(2, fields), field(3, ''), field(4, '')]);
}

const metadata = field(1, [field(1, 'retried'), field(2, ''), field(3, 'production'), field(8, []), field(11, [field(1, 'app'), field(2, 'api')])]);

describe('an object as protobuf', () => {
  it('is the JSON that it stands for', () => {
    const container = field(2, [
      field(1, 'main'),
      field(2, 'busybox:1'),
      field(3, 'sh'),
      field(3, ''),
      field(8, [field(1, [field(1, 'memory'), field(2, [field(1, '64Mi')])])]),
    ]);
    const podSpec = field(2, [container, field(3, 'Never'), field(4, 0), field(11, 0)]);
    const spec = field(2, [field(1, 0), field(2, 1), field(7, 0), field(6, [field(1, []), podSpec])]);
    expect(objectFromProtobuf(body('batch/v1', 'Job', metadata, spec, field(3, [field(4, 0)])))).toEqual({
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: { name: 'retried', namespace: 'production', labels: { app: 'api' } },
      spec: {
        parallelism: 0,
        completions: 1,
        backoffLimit: 0,
        template: {
          spec: {
            containers: [{ name: 'main', image: 'busybox:1', command: ['sh', ''], resources: { limits: { memory: '64Mi' } } }],
            restartPolicy: 'Never',
            terminationGracePeriodSeconds: 0,
          },
        },
      },
    });
  });

  it('keeps a number or a text where either may stand', () => {
    const budget = (minAvailable: readonly Buffer[]) =>
      objectFromProtobuf(body('policy/v1', 'PodDisruptionBudget', field(2, [field(1, minAvailable)])))['spec'];
    expect(budget([field(1, 0), field(2, 2), field(3, '')])).toEqual({ minAvailable: 2 });
    expect(budget([field(1, 1), field(2, 0), field(3, '50%')])).toEqual({ minAvailable: '50%' });
  });

  it('gives bytes in base64 and times in RFC 3339', () => {
    const secret = objectFromProtobuf(body('v1', 'Secret', field(1, [field(9, [field(1, 1_768_473_320)])]), field(2, [field(1, 'key'), field(2, 'secret')])));
    expect(secret).toMatchObject({ metadata: { deletionTimestamp: '2026-01-15T10:35:20Z' }, data: { key: 'c2VjcmV0' } });
  });

  it('puts the fields of an embedded message into its parent', () => {
    const volume = field(1, [field(1, 'scratch'), field(2, [field(2, [field(1, '')])])]);
    expect(objectFromProtobuf(body('v1', 'Pod', field(2, [volume])))['spec']).toEqual({ volumes: [{ name: 'scratch', emptyDir: {} }] });
  });

  it('reads negative numbers', () => {
    expect(objectFromProtobuf(body('v1', 'DeleteOptions', field(1, -1)))).toMatchObject({ gracePeriodSeconds: -1 });
  });

  it.each([
    ['a field that is in no table', body('v1', 'ConfigMap', field(9, 'x')), 'field 9 of ConfigMap is not read from protobuf here: send JSON'],
    ['a kind that is in no table', body('v1', 'Endpoints'), 'kind "Endpoints" is not read from protobuf here: send JSON'],
    ['what is no Kubernetes object', Buffer.from('{}'), 'does not begin as a Kubernetes object does'],
    ['what ends too early', body('v1', 'ConfigMap', metadata).subarray(0, 40), 'ends in the middle'],
  ])('is refused for %s', (_sentence, bytes, message) => {
    expect(() => objectFromProtobuf(bytes)).toThrow(message);
  });

  it('ignores a field that is in no table and says nothing', () => {
    expect(objectFromProtobuf(body('v1', 'ConfigMap', field(9, '')))).toEqual({ apiVersion: 'v1', kind: 'ConfigMap' });
  });

  it('is read or refused, whatever the bytes', () => {
    const isRead = (bytes: Buffer): boolean => {
      try {
        return objectFromProtobuf(bytes)['apiVersion'] === 'v1';
      } catch (error) {
        return error instanceof UnreadableProtobuf;
      }
    };
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.constantFrom('Job', 'Pod', 'Eviction'), (noise, kind) => {
        expect(isRead(body('v1', kind, Buffer.from(noise)))).toBe(true);
      }),
    );
  });
});
