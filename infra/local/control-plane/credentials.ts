import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { createAuthority, createKeyPair, type Authority, type Certificate, type CertificateWish } from '../certificates/authority.ts';

/** Everything that proves who is who in one control plane, made for this start. Paths are of files for their owner alone. */
export interface Credentials {
  readonly caPem: string;
  readonly caFile: string;
  readonly server: CertificateFiles;
  /** By which the API server knows its etcd, and etcd its API server; an authority of its own, as kubeadm has it. */
  readonly etcd: { readonly caFile: string; readonly server: CertificateFiles; readonly client: CertificateFiles };
  readonly serviceAccounts: { readonly keyFile: string; readonly publicKeyFile: string };
  /** What the API server shows to kubelets. */
  readonly kubeletClient: CertificateFiles;
  /** What the kubelet shows to the API server. */
  readonly kubeletServer: Certificate;
  /** Paths of kubeconfigs. */
  readonly kubeconfigs: Readonly<Record<User, string>>;
  /** Path of a new kubeconfig with a certificate of that user. */
  readonly kubeconfigOf: (user: CertifiedUser) => Promise<string>;
}

/** A user and the groups, as a client certificate says them. */
export interface CertifiedUser {
  readonly commonName: string;
  readonly organizations: readonly string[];
}

export interface CertificateFiles {
  readonly certificateFile: string;
  readonly keyFile: string;
}

type User = 'admin' | 'node' | 'controllerManager' | 'scheduler';

/** The names and groups that the roles of a new cluster are bound to, and system:masters for whoever started it. */
const users: Readonly<Record<User, CertifiedUser>> = {
  admin: { commonName: 'kubernetes-admin', organizations: ['system:masters'] },
  node: { commonName: 'system:node:sandbox-node', organizations: ['system:nodes'] },
  controllerManager: { commonName: 'system:kube-controller-manager', organizations: [] },
  scheduler: { commonName: 'system:kube-scheduler', organizations: [] },
};

export const kubeletClientName = 'kube-apiserver-kubelet-client';
const serverNames = ['localhost', 'kubernetes', 'kubernetes.default', 'kubernetes.default.svc', 'kubernetes.default.svc.cluster.local'];

export interface CredentialsOptions {
  readonly directory: string;
  readonly url: string;
  /** Of kubectl commands that name none. */
  readonly namespace: string;
  readonly nowMilliseconds: number;
}

export async function createCredentials({ directory, url, namespace, nowMilliseconds }: CredentialsOptions): Promise<Credentials> {
  const place = join(directory, 'credentials');
  await mkdir(place, { mode: 0o700 });
  const write = async (name: string, content: string): Promise<string> => {
    const path = join(place, name);
    await writeFile(path, content, { mode: 0o600 });
    return path;
  };
  const authority = await createAuthority('kubernetes', nowMilliseconds);
  const etcdAuthority = await createAuthority('etcd', nowMilliseconds);
  const filesOf = async (issuer: Authority, name: string, wish: CertificateWish): Promise<CertificateFiles> => {
    const { certificatePem, keyPem } = await issuer.issue(wish);
    return { certificateFile: await write(`${name}.crt`, certificatePem), keyFile: await write(`${name}.key`, keyPem) };
  };
  const issueKubeconfig = async (fileName: string, user: CertifiedUser): Promise<string> => {
    const certificate = await authority.issue({ ...user, usages: ['client'] });
    return write(fileName, clientKubeconfig({ url, caPem: authority.caPem, certificate, namespace }));
  };
  const kubeconfigOf = (user: User) => issueKubeconfig(`${user}.kubeconfig`, users[user]);
  let personCount = 0;
  const serviceAccounts = await createKeyPair();
  return {
    caPem: authority.caPem,
    caFile: await write('ca.crt', authority.caPem),
    server: await filesOf(authority, 'apiserver', { commonName: 'kube-apiserver', usages: ['server'], hostNames: serverNames }),
    etcd: {
      caFile: await write('etcd-ca.crt', etcdAuthority.caPem),
      // A client too: of itself, as a peer. Not named as its authority is, or OpenSSL takes it for its own issuer.
      server: await filesOf(etcdAuthority, 'etcd', { commonName: 'etcd-server', usages: ['server', 'client'] }),
      client: await filesOf(etcdAuthority, 'etcd-client', { commonName: 'kube-apiserver-etcd-client', usages: ['client'] }),
    },
    serviceAccounts: { keyFile: await write('sa.key', serviceAccounts.keyPem), publicKeyFile: await write('sa.pub', serviceAccounts.publicKeyPem) },
    kubeletClient: await filesOf(authority, 'kubelet-client', { commonName: kubeletClientName, usages: ['client'] }),
    kubeletServer: await authority.issue({ commonName: users.node.commonName, organizations: users.node.organizations, usages: ['server'] }),
    kubeconfigs: {
      admin: await kubeconfigOf('admin'),
      node: await kubeconfigOf('node'),
      controllerManager: await kubeconfigOf('controllerManager'),
      scheduler: await kubeconfigOf('scheduler'),
    },
    kubeconfigOf: (user) => issueKubeconfig(`person-${(personCount += 1)}.kubeconfig`, user),
  };
}

interface ClientAccess {
  readonly url: string;
  readonly caPem: string;
  readonly certificate: Certificate;
  readonly namespace: string;
}

function clientKubeconfig({ url, caPem, certificate, namespace }: ClientAccess): string {
  const name = 'kubernaut-control-plane';
  const base64 = (text: string): string => Buffer.from(text).toString('base64');
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name, cluster: { server: url, 'certificate-authority-data': base64(caPem) } }],
    users: [{ name, user: { 'client-certificate-data': base64(certificate.certificatePem), 'client-key-data': base64(certificate.keyPem) } }],
    contexts: [{ name, context: { cluster: name, user: name, namespace } }],
    'current-context': name,
  });
}
