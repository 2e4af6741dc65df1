import { execFile } from 'node:child_process';
import { mkdir, readFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { stagesOf } from '../../support/dockerfile.ts';
import { theHelm } from '../../support/helm.ts';
import { ownControlPlane } from '../../support/own-control-plane.ts';
import { root } from '../../support/real-stack.ts';
import { theKubectl } from '../../support/the-kubectl.ts';

const run = promisify(execFile);

const operations = await readFile(join(root, 'docs/operations.md'), 'utf8');
const readme = await readFile(join(root, 'README.md'), 'utf8');
const installing = /\n## Install\n(.*?)\n## /s.exec(operations)?.[1] ?? '';
/** Each block of commands, in the order of the page. */
const blocks = [...installing.matchAll(/```sh\n(.*?)```/gs)].map(([, block = '']) => block);

describe('the instructions for installing', () => {
  const controlPlane = ownControlPlane();
  let place = '';
  let environment: Readonly<Record<string, string>> = {};

  /** A person's directory with a clone's infra/ in it, two programs on PATH, and a kubeconfig. */
  beforeAll(async () => {
    const { directory, kubeconfigFile } = controlPlane();
    place = join(directory, 'person');
    await mkdir(join(place, 'bin'), { recursive: true });
    await symlink(join(root, 'infra'), join(place, 'infra'));
    await symlink((await theHelm()).path, join(place, 'bin/helm'));
    await symlink((await theKubectl()).path, join(place, 'bin/kubectl'));
    environment = {
      PATH: `${place}/bin:/usr/bin:/bin`,
      HOME: place,
      KUBECONFIG: kubeconfigFile,
      QUEUE_URL_PREFIX: 'https://sqs.eu-central-1.amazonaws.com/123456789012/kubernaut-dev-',
      REGISTRY: 'registry.example.com',
    };
  });

  const follow = async (commands: string) => (await run('/bin/sh', ['-euc', commands], { cwd: place, env: environment })).stdout;

  const says: Readonly<Record<string, RegExp>> = {
    'kubectl apply -f infra/cluster/rbac/namespace.yaml': /namespace\/kubernaut-system created\n.*STATUS: deployed/s,
    'umask 077': /\nyes\n$/,
    'kubectl create namespace production': /kubernaut-action-scale-deployment/,
    'helm uninstall kubernaut --namespace kubernaut-system': /"remediationrequests\.remediation\.kubernaut\.io" deleted/,
    'kubectl apply -f infra/cluster/crds -f infra/cluster/rbac -f infra/cluster/policies': /validatingadmissionpolicybinding\S* created/,
  };

  it.each(blocks.map((block) => [block.split('\n')[0] ?? '', block] as const))('work: %s …', async (first, block) => {
    expect(await follow(block)).toMatch(says[first] ?? /^it is not said what this block prints$/);
  });

  it('are all there, and the README begins as they do', () => {
    expect(blocks.map((block) => block.split('\n')[0])).toEqual(Object.keys(says));
    expect(readme).toContain(blocks[0]);
  });

  it('build the image as its Dockerfile says, for two architectures', async () => {
    const dockerfile = await readFile(join(root, 'infra/watcher/Dockerfile'), 'utf8');
    const words = /docker buildx build (.*) -t/.exec(dockerfile)?.[1];
    expect(words).toBe('--platform linux/amd64,linux/arm64 -f infra/watcher/Dockerfile');
    expect(installing).toContain(`docker buildx build ${words}`);
    expect(stagesOf(dockerfile)).toHaveLength(2);
  });
});
