import { Option, type Command } from 'commander';
import { queueNames, type QueueName } from '../../../shared/queue/ports.ts';
import { onInterruption } from '../interruption.ts';
import type { DoctorOptions } from '../doctor/doctor.ts';
import { connecting, type Concluding } from '../operator/commands.ts';
import { outputOption, type OutputFormat } from '../operator/output.ts';
import { parseCount } from '../options.ts';
import type { StageOptions } from './stage.ts';

interface Redrive extends StageOptions {
  readonly queue?: QueueName;
  readonly limit?: number;
  readonly dryRun: boolean;
  readonly output: OutputFormat;
}

/** What an operator does about the queues: each command acts with the AWS credentials of the shell. */
export function addQueueCommands(program: Command, concluding: Concluding): void {
  staged(program.command('queues'))
    .description('show how full each queue is, and how many dead letters wait')
    .addOption(new Option('--watch', 'again every two seconds, until Ctrl-C').default(false))
    .addOption(outputOption())
    .action(
      concluding(async (options: StageOptions & { readonly watch: boolean; readonly output: OutputFormat }) => {
        const [{ openStage }, { queues }] = await Promise.all([import('./stage.ts'), import('./queues.ts')]);
        const interruption = onInterruption();
        try {
          return await queues(openStage(options, process.env), { ...options, signal: interruption.signal });
        } finally {
          interruption.release();
        }
      }),
    );
  staged(program.command('redrive'))
    .description('send dead letters to their queues again, and say what they were and why they were given up')
    .addOption(new Option('--queue <name>', 'only those of this queue; else of all').choices(queueNames))
    .addOption(new Option('--limit <n>', 'at most so many of each queue').argParser(parseCount))
    .addOption(new Option('--dry-run', 'only show what would be sent').default(false))
    .addOption(outputOption())
    .action(
      concluding(async (options: Redrive) => {
        const [{ openStage }, { redrive }, { systemClock }] = await Promise.all([
          import('./stage.ts'),
          import('./redrive.ts'),
          import('../../../shared/system-clock.ts'),
        ]);
        return redrive(openStage(options, process.env), options, systemClock);
      }),
    );
}

/** Whether everything stands as it should: acts as the user of the kubeconfig and with the AWS credentials of the shell. */
export function addDoctor(program: Command, concluding: Concluding): void {
  staged(connecting(program.command('doctor')))
    .description('check every part of an installation, and say what to do about what is wrong; changes nothing')
    .addOption(outputOption())
    .addHelpText('after', variablesOfDoctor)
    .action(concluding(async (options: DoctorOptions) => (await import('../doctor/doctor.ts')).doctor(options, process.env)));
}

const variablesOfDoctor = `
It reads the variables of the functions where they are set: KUBERNAUT_CLUSTER, KUBERNAUT_FUNCTIONS_USERS and …_GROUPS, KUBERNAUT_DATABASE_URL_FILE
(…_SECRET, …_PARAMETER); and KUBERNAUT_WEBHOOK_URL and KUBERNAUT_WEBHOOK_TOKEN as Alertmanager has them. What nothing names is not looked at, and it says so.`;

/** The option by which each of them finds its queues. */
export function staged(command: Command): Command {
  return command.addOption(
    new Option('--queue-url-prefix <url>', 'what the URLs of the queues begin with, as the functions have it').env('KUBERNAUT_QUEUE_URL_PREFIX'),
  );
}
