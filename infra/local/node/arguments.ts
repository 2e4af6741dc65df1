/** A volume of the container, laid out on this machine: what the container calls `mountPath` is `directory` here. */
export interface Mount {
  readonly mountPath: string;
  readonly directory: string;
}

/** Arguments that name a file of the container name it where it lies here. */
export function rewriteArguments(argv: readonly string[], mounts: readonly Mount[]): readonly string[] {
  return argv.map((argument) => {
    const mount = mounts.find((candidate) => isBelow(argument, candidate.mountPath));
    return mount === undefined ? argument : `${mount.directory}${argument.slice(mount.mountPath.length)}`;
  });
}

// Who may create such a pod would otherwise act as whoever runs the node, or read what only the node may.
const connectionFlags = [
  'kubeconfig',
  'cache-dir',
  'server',
  'token',
  'user',
  'username',
  'password',
  'cluster',
  'context',
  'certificate-authority',
  'client-certificate',
  'client-key',
  'insecure-skip-tls-verify',
  'tls-server-name',
  'profile',
  'profile-output',
  'log-file',
];
const fileFlags = ['filename', 'kustomize', 'from-file', 'from-env-file', 'patch-file', 'template', 'cert', 'key'];
const shortFlags: Readonly<Record<string, string>> = { '-s': 'server', '-f': 'filename', '-k': 'kustomize' };

/** Why this vector is not run here, null if it may be. In a container these flags could name nothing but the container's own files. */
export function refusalOf(argv: readonly string[], mounts: readonly Mount[]): string | null {
  const end = argv.indexOf('--'); // what follows is no flag
  const flags = end < 0 ? argv : argv.slice(0, end);
  return flags.map((argument, index) => faultOf(argument, argv[index + 1] ?? '', mounts)).find((fault) => fault !== null) ?? null;
}

function faultOf(argument: string, next: string, mounts: readonly Mount[]): string | null {
  if (!argument.startsWith('-') || argument === '-') return null;
  const isShort = !argument.startsWith('--');
  if (isShort && argument.length > 2) return `${argument}: short flags are taken one by one, with the value apart`;
  const [flag = '', ...rest] = argument.split('=');
  const name = isShort ? (shortFlags[flag] ?? '') : flag.slice(2);
  if (connectionFlags.includes(name)) return `${flag}: the connection is the pod's own`;
  if (!fileFlags.includes(name)) return null;
  const file = rest.length > 0 ? rest.join('=') : next;
  return mounts.some(({ mountPath }) => isBelow(file, mountPath)) ? null : `${flag}: ${file} is no file of the container's volumes`;
}

function isBelow(path: string, mountPath: string): boolean {
  const inside = path === mountPath || path.startsWith(`${mountPath}/`);
  return inside && !path.split('/').includes('..');
}
