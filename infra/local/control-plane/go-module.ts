import { etcdVersion, kubernetesVersion } from './release.ts';

/** A module that holds nothing but what makes the go command build programs of others. */
export interface GoModule {
  /** Relative path → content. */
  readonly files: Readonly<Record<string, string>>;
  /** What to build for each program. */
  readonly packages: Readonly<Record<string, string>>;
  readonly ldflags: string;
}

const stagedPattern = /^\s*(k8s\.io\/[\w.-]+) => \.\/staging\//gm;
const goPattern = /^go (\d+\.\d+(?:\.\d+)?)$/m;

/**
 * Builds commands of Kubernetes, by name. k8s.io/kubernetes is no library: its go.mod points at directories of its own repository, and the go command heeds such lines in
 * the main module only. So the module that asks for it names the same modules at the version that was released with it.
 */
export function kubernetesModule(kubernetesGoMod: string, programs: readonly string[]): GoModule {
  const staged = [...kubernetesGoMod.matchAll(stagedPattern)].map(([, path = '']) => path);
  const go = goPattern.exec(kubernetesGoMod)?.[1];
  if (staged.length === 0 || go === undefined)
    throw new Error(`the go.mod of k8s.io/kubernetes ${kubernetesVersion} is not as expected: it replaces no module by ./staging`);
  const [major = '', minor = '', patch = ''] = kubernetesVersion.split('.');
  const packages = Object.fromEntries(programs.map((program) => [program, `k8s.io/kubernetes/cmd/${program}`]));
  return {
    files: {
      'go.mod': [
        'module controlplane',
        `go ${go}`,
        `require k8s.io/kubernetes v${kubernetesVersion}`,
        ...staged.map((path) => `replace ${path} => ${path} v0.${minor}.${patch}`),
        '',
      ].join('\n\n'),
      'tools.go': `//go:build tools\n\npackage tools\n\nimport (\n${Object.values(packages)
        .map((path) => `\t_ "${path}"\n`)
        .join('')})\n`,
    },
    packages,
    ldflags: [
      '-s -w',
      `-X k8s.io/component-base/version.gitVersion=v${kubernetesVersion}`,
      `-X k8s.io/component-base/version.gitMajor=${major}`,
      `-X k8s.io/component-base/version.gitMinor=${minor}`,
    ].join(' '),
  };
}

/** `go install` refuses etcd for its replace lines, but its main function is there to be called. */
export function etcdModule(): GoModule {
  return {
    files: {
      'go.mod': `module etcd\n\ngo 1.24\n\nrequire go.etcd.io/etcd/server/v3 v${etcdVersion}\n`,
      'main.go': 'package main\n\nimport (\n\t"os"\n\n\t"go.etcd.io/etcd/server/v3/etcdmain"\n)\n\nfunc main() { etcdmain.Main(os.Args) }\n',
    },
    packages: { etcd: '.' },
    ldflags: '-s -w',
  };
}
