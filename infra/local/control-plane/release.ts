/** The programs of a control plane, in the order in which they start. */
export const programs = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler'] as const;
export type Program = (typeof programs)[number];

/** What is fetched or built when nothing else is there; the sandbox plays the same minor version. */
export const kubernetesVersion = '1.36.3';
/** The first line of etcd that tells watchers how far they are, which streaming lists wait for. */
export const etcdVersion = '3.6.6';

/** Of one minor version all programs understand each other, whatever the patch. */
const wanted: Readonly<Record<'kubernetes' | 'etcd', string>> = { kubernetes: minorOf(kubernetesVersion), etcd: minorOf(etcdVersion) };

export function wantedMinor(program: Program): string {
  return program === 'etcd' ? wanted.etcd : wanted.kubernetes;
}

export function releasedVersion(program: Program): string {
  return program === 'etcd' ? etcdVersion : kubernetesVersion;
}

export function minorOf(version: string): string {
  return version.split('.').slice(0, 2).join('.');
}
