import { describe, expect, it } from 'vitest';
import { refusalOf, rewriteArguments } from './arguments.ts';

const mounts = [{ mountPath: '/etc/kubernaut', directory: '/private/volume-0' }];

describe('arguments that name a file of the container', () => {
  it.each([
    ['the mount path itself', '/etc/kubernaut', '/private/volume-0'],
    ['a file below it', '/etc/kubernaut/delete-options.json', '/private/volume-0/delete-options.json'],
    ['a path that only begins alike', '/etc/kubernaut-other/x', '/etc/kubernaut-other/x'],
    ['a path that leaves it again', '/etc/kubernaut/../passwd', '/etc/kubernaut/../passwd'],
    ['an API path', '/api/v1/namespaces/production/pods/p', '/api/v1/namespaces/production/pods/p'],
    ['text that holds it', '{"note":"/etc/kubernaut"}', '{"note":"/etc/kubernaut"}'],
  ])('%s', (_sentence, argument, expected) => {
    expect(rewriteArguments(['-f', argument], mounts)).toEqual(['-f', expected]);
  });
});

describe('the node runs', () => {
  it.each<readonly string[]>([
    ['scale', 'deployment', 'payment-api', '--namespace=production', '--replicas=5'],
    ['delete', '--raw', '/api/v1/namespaces/production/pods/p', '-f', '/etc/kubernaut/delete-options.json'],
    ['patch', 'configmap', 'c', '--type=json', '--patch=[{"op":"test","path":"/data/--kubeconfig","value":"x"}]'],
    ['drain', 'node-1', '--ignore-daemonsets', '--timeout=300s'],
    ['taint', 'nodes', 'n', 'k=v:NoSchedule', '--overwrite'],
    ['rollout', 'undo', 'deployment/d', '-n', 'production', '--to-revision=3'],
    ['label', 'pod', 'p', 'app-'],
    ['run', 'x', '--', '-f', '/etc/shadow'],
  ])('%s %s …', (...argv) => {
    expect(refusalOf(argv, mounts)).toBeNull();
  });
});

describe('the node refuses', () => {
  it.each<[argv: readonly string[], reason: string]>([
    [['get', 'pods', '--kubeconfig=/home/someone/.kube/config'], "--kubeconfig: the connection is the pod's own"],
    [['get', 'pods', '--kubeconfig', '/home/someone/.kube/config'], "--kubeconfig: the connection is the pod's own"],
    [['get', 'pods', '--server=https://elsewhere'], "--server: the connection is the pod's own"],
    [['get', 'pods', '-s', 'https://elsewhere'], "-s: the connection is the pod's own"],
    [['get', 'pods', '--token=abc'], "--token: the connection is the pod's own"],
    [['get', 'pods', '-shttps://elsewhere'], '-shttps://elsewhere: short flags are taken one by one, with the value apart'],
    [['apply', '-f', '/etc/shadow'], "-f: /etc/shadow is no file of the container's volumes"],
    [['apply', '-Rf', '/etc'], '-Rf: short flags are taken one by one, with the value apart'],
    [['apply', '--filename=/etc/kubernaut/../shadow'], "--filename: /etc/kubernaut/../shadow is no file of the container's volumes"],
    [['create', 'configmap', 'c', '--from-file=key=/etc/shadow'], "--from-file: key=/etc/shadow is no file of the container's volumes"],
    [['apply', '-f', 'https://elsewhere/x.yaml'], "-f: https://elsewhere/x.yaml is no file of the container's volumes"],
    [['apply', '-f'], "-f:  is no file of the container's volumes"],
  ])('kubectl %j', (argv, reason) => {
    expect(refusalOf(argv, mounts)).toBe(reason);
  });
});
