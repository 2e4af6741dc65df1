import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import * as z from 'zod';

const root = join(import.meta.dirname, '../..');
const outputBytesMax = 16 * 1024 * 1024;

const propertiesSchema = z.record(z.string(), z.unknown());
const templateSchema = z.object({
  Resources: z.record(z.string(), z.object({ Type: z.string(), Properties: propertiesSchema.default({}), DeletionPolicy: z.string().optional() })),
  Outputs: z.record(z.string(), z.object({ Value: z.unknown() })),
});

export type Properties = z.infer<typeof propertiesSchema>;
export interface PackagedTemplate {
  readonly path: string;
  readonly resources: Readonly<Record<string, { readonly Type: string; readonly Properties: Properties; readonly DeletionPolicy?: string | undefined }>>;
  readonly outputs: Readonly<Record<string, { readonly Value: unknown }>>;
  /** Logical name and properties of everything of a type. */
  of(type: string): readonly (readonly [logicalName: string, properties: Properties])[];
  remove(): Promise<void>;
}

export interface Deployed {
  readonly code: number;
  readonly stdout: string;
  /** Both streams: the deployer tells what is wrong on either. */
  readonly told: string;
}

export interface Run {
  readonly environment?: Readonly<Record<string, string>>;
  /** Parameter files beside those of the repository, by the stage's name. */
  readonly stages?: Readonly<Record<string, object>>;
}

const linked = ['functions', 'shared', 'node_modules'];
const copied = ['serverless.yml', 'package.json', 'infra/cloud/stages'];

/**
 * The deployer as somebody runs it who has no account: no credentials, no profile, no metadata service, nothing sent home. It writes into the directory
 * of the service, whatever it is told, so each run has one of its own.
 */
export async function deployer(argv: readonly string[], { environment = {}, stages = {} }: Run = {}): Promise<Deployed> {
  const directory = await mkdtemp(join(tmpdir(), 'kubernaut-service-'));
  try {
    await mkdir(join(directory, 'infra/cloud'), { recursive: true });
    const parts = (await readdir(join(root, 'infra/cloud'))).map((name) => `infra/cloud/${name}`).filter((path) => !copied.includes(path));
    for (const path of [...linked, ...parts]) await symlink(join(root, path), join(directory, path));
    for (const path of copied) await cp(join(root, path), join(directory, path), { recursive: true });
    for (const [stage, parameters] of Object.entries(stages)) await writeFile(join(directory, `infra/cloud/stages/${stage}.yml`), stringify(parameters));
    return await runDeployer(directory, argv, environment);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

function runDeployer(cwd: string, argv: readonly string[], environment: Readonly<Record<string, string>>): Promise<Deployed> {
  const ours = Object.entries(process.env).filter(([name]) => !name.startsWith('AWS_') && !name.startsWith('KUBERNAUT_'));
  const env = { ...Object.fromEntries(ours), HOME: tmpdir(), AWS_EC2_METADATA_DISABLED: 'true', SLS_TELEMETRY_DISABLED: '1', ...environment };
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [join(root, 'node_modules/osls/bin/serverless.js'), ...argv],
      { cwd, env, maxBuffer: outputBytesMax },
      (error, stdout, stderr) => {
        resolve({ code: error === null ? 0 : Number(error.code ?? 1), stdout, told: `${stdout}${stderr}` });
      },
    );
  });
}

/** What `osls package` makes of serverless.yml, without the code: the template that CloudFormation gets. */
export async function packageTemplate(stage: string, { environment = {}, ...rest }: Run = {}): Promise<PackagedTemplate> {
  const directory = await mkdtemp(join(tmpdir(), 'kubernaut-package-'));
  const { code, told } = await deployer(['package', '--stage', stage, '--package', directory], {
    ...rest,
    environment: { KUBERNAUT_PACKAGE: 'template', ...environment },
  });
  if (code !== 0) throw new Error(told);
  const path = join(directory, 'cloudformation-template-update-stack.json');
  const { Resources: resources, Outputs: outputs } = templateSchema.parse(JSON.parse(await readFile(path, 'utf8')));
  return {
    path,
    resources,
    outputs,
    of: (type) => Object.entries(resources).flatMap(([name, resource]) => (resource.Type === type ? [[name, resource.Properties] as const] : [])),
    remove: () => rm(directory, { recursive: true, force: true }),
  };
}
