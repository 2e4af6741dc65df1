import { join } from 'node:path';
import { runCommand } from '../control-plane/run-command.ts';
import type { Emulator } from './start-ministack.ts';

export interface Deployer {
  /** Deploys the project as the stage: what is new or has changed. Answers what the deployer printed. */
  deploy(): Promise<string>;
  /** Removes the stage with everything in it. */
  remove(): Promise<string>;
}

export interface DeployerOptions {
  /** Of the project, or a copy of it. */
  readonly project: string;
  readonly stage: string;
  readonly emulator: Pick<Emulator, 'endpoint' | 'region'>;
  readonly variables?: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

/** Nobody checks them on an emulator. */
export const emulatorCredentials = { accessKeyId: 'test', secretAccessKey: 'test' } as const;

const minutesMax = 5;

/** The project's own deployer, against an emulator. It sees no credentials of the person who runs it. */
export function createDeployer({ project, stage, emulator, variables = {}, signal }: DeployerOptions): Deployer {
  const { endpoint, region } = emulator;
  const environment = {
    PATH: process.env['PATH'],
    HOME: project, // no configuration of a person, neither AWS's nor the deployer's
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: emulatorCredentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: emulatorCredentials.secretAccessKey,
    SLS_TELEMETRY_DISABLED: '1',
    SLS_NOTIFICATIONS_MODE: 'off',
    SLS_AWS_MONITORING_FREQUENCY: '200', // milliseconds: an emulator is quicker than AWS
    ...variables,
  };
  const run = (command: string) =>
    runCommand({
      argv: [process.execPath, join(project, 'node_modules/osls/bin/serverless.js'), command, '--stage', stage, '--region', region],
      environment,
      workingDirectory: project,
      signal,
      minutesMax,
      reasonIn: failureIn,
    });
  return { deploy: () => run('deploy'), remove: () => run('remove') };
}

/** It complains last of where its documentation is; the failure itself stands among what it printed, behind a line `Error:`. */
export function failureIn(printed: string): string | undefined {
  const [, failure] = /^Error:\n([\s\S]+)/m.exec(printed) ?? [];
  return failure?.trim().replaceAll(/\s*\n\s*/g, ' ');
}
