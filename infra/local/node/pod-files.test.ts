import { describe, expect, it } from 'vitest';
import type { JsonObject, JsonValue } from '../../../shared/api/json.ts';
import { aPodView } from '../../../test/support/pods.ts';
import { volumesOf } from './pod-files.ts';

const annotation = "metadata.annotations['kubernaut.io/file-a.json']";

function filesOf(volume: JsonObject) {
  const pod = aPodView({
    annotations: { 'kubernaut.io/file-a.json': '{"a":1}' },
    labels: { app: 'x' },
    spec: { volumes: [{ name: 'files', ...volume }] },
    container: { volumeMounts: [{ name: 'files', mountPath: '/etc/kubernaut/' }] },
  });
  return volumesOf(pod);
}

const projecting = (items: JsonValue) => ({ projected: { sources: [{ downwardAPI: { items } }] } });

describe('volumes of a pod', () => {
  it('are the annotations that the downward API projects', () => {
    expect(filesOf(projecting([{ path: 'a.json', fieldRef: { fieldPath: annotation } }]))).toEqual([
      { mountPath: '/etc/kubernaut', files: { 'a.json': '{"a":1}' } },
    ]);
  });

  it('may hold labels and the identity of the pod, and need no projection', () => {
    const items = ['metadata.name', 'metadata.namespace', 'metadata.uid', "metadata.labels['app']"].map((fieldPath, index) => ({
      path: `d/${index}`,
      fieldRef: { fieldPath },
    }));
    expect(filesOf({ downwardAPI: { items } })[0]?.files).toEqual({ 'd/0': 'p', 'd/1': 'production', 'd/2': 'pod1', 'd/3': 'x' });
  });

  it.each<[sentence: string, volume: JsonObject, message: string]>([
    ['a Secret', { secret: { secretName: 's' } }, 'volume files: only the downward API is played on this node'],
    ['a projected token', { projected: { sources: [{ serviceAccountToken: { path: 't' } }] } }, 'volume files: only the downward API is played on this node'],
    ['a directory of the host', { hostPath: { path: '/' } }, 'volume files: only the downward API is played on this node'],
    [
      'a path that leaves the volume',
      projecting([{ path: '../../x', fieldRef: { fieldPath: annotation } }]),
      'path "../../x": must be relative and stay inside the volume',
    ],
    ['an absolute path', projecting([{ path: '/etc/x', fieldRef: { fieldPath: annotation } }]), 'path "/etc/x": must be relative and stay inside the volume'],
    [
      'a field that nobody projects',
      projecting([{ path: 'x', fieldRef: { fieldPath: 'spec.nodeName' } }]),
      'fieldPath spec.nodeName: this node projects annotations, labels, name, namespace and uid',
    ],
  ])('are refused by name: %s', (_sentence, volume, message) => {
    expect(() => filesOf(volume)).toThrow(message);
  });

  it('leave out the account that a real API server mounts: the kubeconfig holds it', () => {
    const volumes = [{ name: 'kube-api-access-55cd7', projected: { sources: [{ serviceAccountToken: { path: 'token' } }] } }];
    const volumeMounts = [{ name: 'kube-api-access-55cd7', mountPath: '/var/run/secrets/kubernetes.io/serviceaccount' }];
    expect(volumesOf(aPodView({ spec: { volumes }, container: { volumeMounts } }))).toEqual([]);
  });

  it('are none where nothing is mounted', () => {
    expect(volumesOf(aPodView())).toEqual([]);
  });
});
