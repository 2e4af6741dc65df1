import { describe, expect, it } from 'vitest';
import { etcdModule, kubernetesModule } from './go-module.ts';

const goMod = `
module k8s.io/kubernetes

go 1.26.0

require (
	k8s.io/api v0.0.0
	k8s.io/utils v0.0.0-20260101000000-0123456789ab
)

replace (
	k8s.io/api => ./staging/src/k8s.io/api
	k8s.io/component-base => ./staging/src/k8s.io/component-base
	k8s.io/elsewhere => ../elsewhere
)
`;

describe('the module that builds Kubernetes', () => {
  it('names what Kubernetes takes from its own repository, and nothing else, at the version released with it', () => {
    const { files } = kubernetesModule(goMod, ['kube-apiserver']);
    expect(files['go.mod']?.split('\n').filter((line) => line !== '')).toEqual([
      'module controlplane',
      'go 1.26.0',
      'require k8s.io/kubernetes v1.36.3',
      'replace k8s.io/api => k8s.io/api v0.36.3',
      'replace k8s.io/component-base => k8s.io/component-base v0.36.3',
    ]);
  });

  it('imports the commands that are wanted, so that the go command keeps what they need', () => {
    const { files, packages, ldflags } = kubernetesModule(goMod, ['kube-apiserver', 'kube-scheduler']);
    expect(files['tools.go']?.match(/"(.*)"/g)).toEqual(['"k8s.io/kubernetes/cmd/kube-apiserver"', '"k8s.io/kubernetes/cmd/kube-scheduler"']);
    expect(packages).toEqual({ 'kube-apiserver': 'k8s.io/kubernetes/cmd/kube-apiserver', 'kube-scheduler': 'k8s.io/kubernetes/cmd/kube-scheduler' });
    expect(ldflags).toContain('gitVersion=v1.36.3');
    expect(ldflags).toContain('gitMinor=36');
  });

  it('is refused when the go.mod is of another make', () => {
    expect(() => kubernetesModule('module k8s.io/kubernetes\n\ngo 1.26.0\n', ['kube-apiserver'])).toThrow(/replaces no module/);
  });
});

it('builds etcd from a main of its own', () => {
  const { files, packages } = etcdModule();
  expect(files['go.mod']).toContain('require go.etcd.io/etcd/server/v3 v3.6.6');
  expect(files['main.go']).toContain('etcdmain.Main(os.Args)');
  expect(packages).toEqual({ etcd: '.' });
});
