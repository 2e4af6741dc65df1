import { describe, expect, it } from 'vitest';
import { immutableJson } from '../sandbox/immutable-json.ts';
import { podSchema } from './pod.ts';
import { readObject } from './stored-object.ts';
import type { KubernetesObject } from '../../../shared/api/object-ref.ts';

const stored = immutableJson({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'a', namespace: 'default', uid: 'u1', resourceVersion: '7', creationTimestamp: '2026-01-15T10:34:00Z' },
  spec: { containers: [{ name: 'app' }] },
  status: { phase: 'Pending' },
}) as unknown as KubernetesObject;

describe('the view of a stored object', () => {
  it('is made once for a version, though a list wraps it anew', () => {
    expect(readObject(podSchema, { ...stored })).toBe(readObject(podSchema, stored));
  });

  it('is that of the members that are there, whatever its metadata were met with before', () => {
    readObject(podSchema, stored);
    expect(readObject(podSchema, { ...stored, status: { phase: 'Running' } })).toMatchObject({ status: { phase: 'Running' } });
    const { status: _status, ...without } = stored;
    expect(readObject(podSchema, without)?.status).not.toMatchObject({ phase: 'Running' });
  });

  it('is null for what the kind does not say, the second time too', () => {
    const strange = { ...stored, spec: { containers: [] } };
    expect([readObject(podSchema, strange), readObject(podSchema, strange)]).toEqual([null, null]);
  });

  it('of an object that may change is made each time', () => {
    const metadata = { ...stored.metadata };
    const labels: Record<string, string> = {};
    const object = { ...stored, metadata: { ...metadata, labels } };
    readObject(podSchema, object);
    labels['app'] = 'b';
    expect(readObject(podSchema, object)?.metadata.labels).toEqual({ app: 'b' });
  });
});
