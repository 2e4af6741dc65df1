import { beforeAll } from 'vitest';
import type { FoundProgram } from '../../infra/local/control-plane/find-programs.ts';
import type { OwnControlPlane } from './own-control-plane.ts';
import { chartDirectory, runHelm, theHelm } from './helm.ts';

/** The chart's release in a cluster, by helm. */
export interface ChartRelease {
  helm(): FoundProgram;
  /** Installs or upgrades, and takes over what is there already. Answers what helm printed, notes included; throws with its words. */
  install(values: object, options?: InstallOptions): Promise<string>;
  remove(namespace?: string): Promise<void>;
}

export interface InstallOptions {
  readonly namespace?: string;
  readonly chart?: string;
}

const ours = 'kubernaut-system';

export function chartRelease(controlPlane: () => OwnControlPlane): ChartRelease {
  let found: FoundProgram | null = null;
  beforeAll(async () => {
    found = await theHelm();
  });
  const helm = (): FoundProgram => {
    if (found === null) throw new Error('helm is asked for before the tests begin');
    return found;
  };
  const helmDoes = async (argv: readonly string[], namespace: string, values?: object): Promise<string> => {
    const { code, stdout, stderr } = await runHelm(helm(), [...argv, '--kubeconfig', controlPlane().kubeconfigFile, '--namespace', namespace], values);
    if (code !== 0) throw new Error(stderr);
    return stdout;
  };
  return {
    helm,
    install: (values, { namespace = ours, chart = chartDirectory } = {}) =>
      helmDoes(['upgrade', '--install', '--take-ownership', 'kubernaut', chart], namespace, values),
    async remove(namespace = ours) {
      await helmDoes(['uninstall', 'kubernaut'], namespace);
    },
  };
}
