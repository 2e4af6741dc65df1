import { execFile } from 'node:child_process';
import { chmod, cp, mkdir, readFile, readdir, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { stagesOf, wordsOf, type Stage } from './dockerfile.ts';
import { root } from './real-stack.ts';

/** What an image would hold above its base, made without a container engine by doing what its Dockerfile says. */
export interface ImageRoot {
  /** The root of its file system: what the last stage copies, and nothing else. */
  readonly directory: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly argv: readonly string[];
  readonly user: number;
}

const run = promisify(execFile);

/** Throws when the Dockerfile has an instruction that this does not know how to follow. */
export async function followDockerfile(path: string, place: string): Promise<ImageRoot> {
  const [builder, final, ...more] = stagesOf(await readFile(join(root, path), 'utf8'));
  if (builder === undefined || final === undefined || more.length > 0) throw new Error(`${path}: two stages are expected`);
  const built = await followBuilder(builder, join(place, 'builder'));
  const directory = join(place, 'root');
  for (const [from = '', mode = '', source = '', target = ''] of wordsOf(final, 'COPY')) {
    if (from !== '--from=bundle' || !mode.startsWith('--chmod=')) throw new Error(`${path}: COPY ${from} ${mode} is not known here`);
    await mkdir(dirname(join(directory, target)), { recursive: true });
    await cp(join(built, source), join(directory, target));
    await chmod(join(directory, target), Number.parseInt(mode.slice('--chmod='.length), 8));
  }
  const [[user = ''] = []] = wordsOf(final, 'USER');
  return {
    directory,
    environment: Object.fromEntries(wordsOf(final, 'ENV').flatMap((pairs) => pairs.map((pair) => pair.split('=') as [string, string]))),
    argv: JSON.parse(wordsOf(final, 'CMD')[0]?.join(' ') ?? '[]') as readonly string[],
    user: Number(user.split(':')[0]),
  };
}

/** A place with the sources that the stage copies, tests left out as by .dockerignore; npm's directory is this repository's. */
async function followBuilder(stage: Stage, place: string): Promise<string> {
  const source = join(place, 'source');
  await mkdir(source, { recursive: true });
  for (const { name, words } of stage) {
    if (name === 'COPY') for (const path of words.slice(0, -1)) await cp(join(root, path), join(source, path), { recursive: true, filter: isNoTest });
    else if (name === 'RUN' && words[0] === 'npm') await symlink(join(root, 'node_modules'), join(source, 'node_modules'));
    else if (name === 'RUN' && words[0] === 'node') await run(process.execPath, placed(words.slice(1), place), { cwd: source, env: {} });
    else if (name !== 'FROM' && name !== 'WORKDIR') throw new Error(`${name} ${words.join(' ')} is not known here`);
  }
  return place;
}

function isNoTest(path: string): boolean {
  return !path.endsWith('.test.ts');
}

/** What the stage calls /out lies below the place. */
function placed(words: readonly string[], place: string): readonly string[] {
  return words.map((word) => (word.startsWith('/') ? join(place, word) : word));
}

/** Every file below a directory, by its path from there. */
export async function filesBelow(directory: string): Promise<readonly string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(directory.length))
    .toSorted();
}
