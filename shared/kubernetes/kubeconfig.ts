import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { KubeConfig, type User } from '@kubernetes/client-node';
import { load } from 'js-yaml';
import { isJsonObject } from '../api/json.ts';
import { readingTokenAnew } from './token-file.ts';
import { listAt, mapAt, stringAt } from './unstructured.ts';

/** A text is no kubeconfig that can be used; the message says what is wrong with it and never repeats any of it, since it holds secrets. */
export class KubeconfigInvalid extends Error {
  override readonly name = 'KubeconfigInvalid';
}

/** A kubeconfig in a file, which may be one of several: what it says of other files is relative to it. Throws KubeconfigInvalid, or the file system's own error. */
export function readKubeconfig(file: string): KubeConfig {
  const kubeconfig = parse(readFileSync(file, 'utf8'), dirname(file));
  kubeconfig.makePathsAbsolute(dirname(file));
  return kubeconfig;
}

/**
 * A kubeconfig that came over the network, to be used where it was not made: what names files or a command of another machine would only fail
 * later, at every call. Throws KubeconfigInvalid.
 */
export function parsePortableKubeconfig(text: string): KubeConfig {
  const kubeconfig = requireCluster(parse(text, '/'));
  const user = kubeconfig.getCurrentUser();
  const command = stringAt(user, 'exec', 'command');
  if (command !== null) {
    throw new KubeconfigInvalid(
      `its user is authenticated by the command ${command}, which is not there: give a token, or for EKS set KUBERNAUT_EKS_CLUSTER instead`,
    );
  }
  const cluster = kubeconfig.getCurrentCluster();
  const files = [cluster?.caFile, user?.certFile, user?.keyFile, stringAt(user, 'authProvider', 'config', 'path')].filter((file) => typeof file === 'string');
  if (files.length > 0)
    throw new KubeconfigInvalid(`it names files (${files.join(', ')}), which are not there: write it with kubectl config view --raw --flatten`);
  return kubeconfig;
}

/** Throws KubeconfigInvalid where there is nothing to connect to. */
export function requireCluster(kubeconfig: KubeConfig): KubeConfig {
  const cluster = kubeconfig.getCurrentCluster();
  if (cluster === null) throw new KubeconfigInvalid('its current context names no cluster: choose one with kubectl config use-context');
  if (!isHttps(cluster.server)) throw new KubeconfigInvalid('the server of its current context is no https URL: give one as https://api.example:6443');
  return kubeconfig;
}

/** Nothing of ours is sent in the clear. */
export function isHttps(server: string | undefined): boolean {
  return URL.parse(server ?? '')?.protocol === 'https:';
}

function parse(text: string, directory: string): KubeConfig {
  const kubeconfig = new KubeConfig();
  const document = parseYaml(text);
  try {
    if (!isJsonObject(document)) throw new Error('no map');
    kubeconfig.loadFromString(text);
  } catch {
    // A parser's message repeats the line, which may be a token: it is no cause either.
    throw new KubeconfigInvalid('it is no kubeconfig: write one with kubectl config view --raw --flatten --minify');
  }
  const tokenFiles = tokenFilesOf(document);
  kubeconfig.users = kubeconfig.users.map((user) => withTokenFile(user, tokenFiles.get(user.name), directory));
  return readingTokenAnew(kubeconfig);
}

function parseYaml(text: string): unknown {
  try {
    return load(text);
  } catch {
    return undefined;
  }
}

/** By user. client-node passes `tokenFile` over, which is how a kubeconfig names a token that is renewed. */
function tokenFilesOf(document: unknown): ReadonlyMap<string, string> {
  return new Map(
    listAt(document, 'users').flatMap((entry) => {
      const file = stringAt(mapAt(entry, 'user'), 'tokenFile');
      const name = stringAt(entry, 'name');
      return file === null || file === '' || name === null ? [] : [[name, file] as const];
    }),
  );
}

/** The file goes before a token that stands beside it, as kubectl has it. */
function withTokenFile(user: User, file: string | undefined, directory: string): User {
  if (file === undefined) return user;
  const { token: _token, ...others } = user;
  return { ...others, authProvider: { name: 'tokenFile', config: { tokenFile: resolve(directory, file) } } };
}
