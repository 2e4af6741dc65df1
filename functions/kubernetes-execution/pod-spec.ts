import { filesMountPath } from '../../shared/actions/files.ts';

/** The container whose log and exit code are the Job's. */
export const executorContainer = 'kubectl-executor';

const nobody = 65_532; // the pinned image names no user, and runAsNonRoot refuses to start such a container
const filesVolume = 'files';

export interface Container {
  readonly serviceAccount: string;
  readonly image: string;
  /** What follows `kubectl`. */
  readonly argv: readonly string[];
  /** File name → content, found under filesMountPath. */
  readonly files: Readonly<Record<string, string>>;
}

/** One container that runs kubectl and nothing else, hardened as the restricted Pod Security Standard asks. */
export function podSpecOf({ serviceAccount, image, argv, files }: Container) {
  const names = Object.keys(files);
  return {
    serviceAccountName: serviceAccount,
    restartPolicy: 'Never',
    terminationGracePeriodSeconds: 5,
    enableServiceLinks: false,
    securityContext: { runAsNonRoot: true, runAsUser: nobody, runAsGroup: nobody, seccompProfile: { type: 'RuntimeDefault' } },
    containers: [
      {
        name: executorContainer,
        image,
        command: ['kubectl', ...argv],
        resources: { requests: { cpu: '100m', memory: '128Mi' }, limits: { cpu: '500m', memory: '256Mi' } },
        securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
        ...(names.length > 0 && { volumeMounts: [{ name: filesVolume, mountPath: filesMountPath, readOnly: true }] }),
      },
    ],
    ...(names.length > 0 && { volumes: [{ name: filesVolume, projected: { sources: [{ downwardAPI: { items: names.map(itemOf) } }] } }] }),
  };
}

/** The content of each file as an annotation of the pod, which the downward API projects: no ConfigMap to make, and none to clean up. */
export function fileAnnotations({ files }: Container): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(files).map(([name, content]) => [annotationOf(name), content]));
}

function itemOf(name: string) {
  return { path: name, fieldRef: { fieldPath: `metadata.annotations['${annotationOf(name)}']` } };
}

function annotationOf(fileName: string): string {
  return `kubernaut.io/file-${fileName}`;
}
