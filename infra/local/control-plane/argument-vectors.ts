import type { Credentials } from './credentials.ts';
import type { Program } from './release.ts';

export interface ControlPlanePorts {
  readonly api: number;
  readonly etcd: number;
  readonly etcdPeer: number;
}

export interface ArgumentsOptions {
  readonly ports: ControlPlanePorts;
  readonly credentials: Credentials;
  /** For data and for what a program wants to write. */
  readonly directory: string;
  readonly admissionPlugins?: readonly string[] | undefined;
  readonly controllers?: readonly string[] | undefined;
  /** Where the API server writes one JSON line a request; absent: it does not. */
  readonly audit?: { readonly policyFile: string; readonly logFile: string } | undefined;
}

const host = '127.0.0.1';

/** How each program is called: on loopback, with the certificates of this start, with the defaults of a real cluster wherever they are bearable. */
export function argumentsOf(program: Program, options: ArgumentsOptions): readonly string[] {
  switch (program) {
    case 'etcd':
      return etcd(options);
    case 'kube-apiserver':
      return apiServer(options);
    case 'kube-controller-manager':
      return controllerManager(options);
    case 'kube-scheduler':
      return scheduler(options);
  }
}

function etcd({ ports, credentials, directory }: ArgumentsOptions): readonly string[] {
  const { caFile, server } = credentials.etcd;
  const [client, peer] = [`https://${host}:${ports.etcd}`, `https://${host}:${ports.etcdPeer}`];
  return [
    `--data-dir=${directory}/etcd`,
    '--unsafe-no-fsync', // what a process wrote outlives it without; the data need not outlive the machine
    '--log-level=warn',
    `--listen-client-urls=${client}`,
    `--advertise-client-urls=${client}`,
    `--listen-peer-urls=${peer}`,
    `--initial-advertise-peer-urls=${peer}`,
    `--initial-cluster=default=${peer}`,
    `--cert-file=${server.certificateFile}`,
    `--key-file=${server.keyFile}`,
    `--trusted-ca-file=${caFile}`,
    '--client-cert-auth',
    `--peer-cert-file=${server.certificateFile}`,
    `--peer-key-file=${server.keyFile}`,
    `--peer-trusted-ca-file=${caFile}`,
    '--peer-client-cert-auth',
  ];
}

function apiServer({ ports, credentials, directory, audit, admissionPlugins = [] }: ArgumentsOptions): readonly string[] {
  const { etcd: ofEtcd, server, serviceAccounts, kubeletClient, caFile } = credentials;
  return [
    `--etcd-servers=https://${host}:${ports.etcd}`,
    `--etcd-cafile=${ofEtcd.caFile}`,
    `--etcd-certfile=${ofEtcd.client.certificateFile}`,
    `--etcd-keyfile=${ofEtcd.client.keyFile}`,
    `--bind-address=${host}`,
    `--secure-port=${ports.api}`,
    `--cert-dir=${directory}`,
    `--tls-cert-file=${server.certificateFile}`,
    `--tls-private-key-file=${server.keyFile}`,
    `--client-ca-file=${caFile}`,
    '--authorization-mode=RBAC',
    '--service-account-issuer=https://kubernetes.default.svc.cluster.local',
    `--service-account-key-file=${serviceAccounts.publicKeyFile}`,
    `--service-account-signing-key-file=${serviceAccounts.keyFile}`,
    '--service-cluster-ip-range=10.0.0.0/24',
    '--endpoint-reconciler-type=none', // no pod will look for the API at loopback
    `--kubelet-certificate-authority=${caFile}`,
    `--kubelet-client-certificate=${kubeletClient.certificateFile}`,
    `--kubelet-client-key=${kubeletClient.keyFile}`,
    '--kubelet-preferred-address-types=InternalIP',
    '--profiling=false',
    ...(admissionPlugins.length === 0 ? [] : [`--enable-admission-plugins=${admissionPlugins.join(',')}`]),
    ...(audit === undefined ? [] : [`--audit-policy-file=${audit.policyFile}`, `--audit-log-path=${audit.logFile}`, '--audit-log-mode=blocking']),
  ];
}

function controllerManager({ credentials, controllers }: ArgumentsOptions): readonly string[] {
  return [
    ...client(credentials.kubeconfigs.controllerManager),
    `--root-ca-file=${credentials.caFile}`,
    `--service-account-private-key-file=${credentials.serviceAccounts.keyFile}`,
    '--use-service-account-credentials', // each controller with its own role, as in a real cluster
    '--profiling=false',
    ...(controllers === undefined ? [] : [`--controllers=${controllers.join(',')}`]),
  ];
}

function scheduler({ credentials }: ArgumentsOptions): readonly string[] {
  return [...client(credentials.kubeconfigs.scheduler), '--profiling=false'];
}

/** One of each, so there is nobody to elect, and nobody asks for their health. Their own limits of 20 and 50 requests a second protect an API that many share. */
function client(kubeconfig: string): readonly string[] {
  return [`--kubeconfig=${kubeconfig}`, '--leader-elect=false', '--secure-port=0', '--kube-api-qps=500', '--kube-api-burst=1000'];
}
