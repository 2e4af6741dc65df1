import { Command, CommanderError, Option } from 'commander';
import { InvalidResourceError } from '../../shared/api/resource.ts';
import { EnvironmentInvalid } from '../../shared/environment.ts';
import { SecretUnreadable } from '../../shared/secret-unreadable.ts';
import { clusterChoices, type ClusterChoice } from '../local/stack/cluster-choice.ts';
import { StartFailed } from '../local/stack/start-failed.ts';
import { ActFailed } from '../local/story/act-failed.ts';
import { StoryInvalid, storyLines, UnknownStory } from '../local/story/story.ts';
import { TookTooLong } from '../local/story/wait-until.ts';
import { printEnvironment } from './env.ts';
import type { DemoOptions } from './demo.ts';
import type { MigrateOptions } from './migrate.ts';
import { Interrupted } from './interruption.ts';
import { addOperatorCommands } from './operator/commands.ts';
import { OperatorFailure, UsageInvalid } from './operator/operator-failure.ts';
import { addDoctor, addQueueCommands } from './queues/commands.ts';
import { parseEndpoint, parseMonitoringSeconds, parsePort, parseQueuePrefix } from './options.ts';
import { root } from './root.ts';
import type { StartOptions } from './start.ts';
import { visible } from './visible.ts';

/** Reads the command line and does what it says; the exit code is the process's. */
export async function main(argv: readonly string[]): Promise<void> {
  try {
    await createProgram().parseAsync([...argv]);
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    process.exitCode = error.exitCode === 0 ? 0 : usageCode; // commander has said what is wrong, or printed the help
  }
}

const monitoringOption = () =>
  new Option('--monitoring-seconds <n>', 'how long a workflow is watched after its last step')
    .env('KUBERNAUT_MONITORING_SECONDS')
    .argParser(parseMonitoringSeconds)
    .default(60);
const clusterOption = () =>
  new Option('--cluster <cluster>', 'sandbox: a Kubernetes API in this process; real: kube-apiserver and the rest of a control plane beside it')
    .choices(clusterChoices)
    .default('sandbox' satisfies ClusterChoice);
const queueEndpointOption = () => new Option('--queue-endpoint <url>', 'an SQS that runs already, instead of one in this process').argParser(parseEndpoint);
const verboseOption = () => new Option('--verbose', 'print every log line, not only warnings and errors').default(false);

/** Each command is loaded when it is asked for: a second terminal asks for `env` and should not wait for the whole stack's code. */
function createProgram(): Command {
  const program = new Command('kubernaut')
    .description('Serverless auto-remediation for Kubernetes: what an operator does to remediations that run, and the whole stack on one machine.')
    .showSuggestionAfterError()
    .addHelpText('after', exitCodes)
    .exitOverride();
  program.commandsGroup('Remediations, in the cluster of the kubeconfig:');
  addOperatorCommands(program, concluding);
  program.commandsGroup('The product itself:');
  addDoctor(program, concluding);
  addQueueCommands(program, concluding);
  program
    .command('migrate')
    .description(
      'bring the tables of the audit database up to date; without the option, of the one that KUBERNAUT_DATABASE_URL_FILE, _SECRET or _PARAMETER names',
    )
    .addOption(new Option('--database-url-file <path>', 'a file that holds postgres://user:password@host:5432/database'))
    .action(concluding(async (options: MigrateOptions) => (await import('./migrate.ts')).migrateDatabase(options, process.env, (line) => console.log(line))));
  program.commandsGroup('The whole stack on this machine:');
  program
    .command('start')
    .description('keep the whole stack up on this machine until Ctrl-C: API, queues, database, functions, webhook')
    .addOption(clusterOption())
    .addOption(new Option('--webhook-port <port>', 'for the webhook that Alertmanager posts to').argParser(parsePort).default(19_093))
    .addOption(new Option('--api-port <port>', 'for the Kubernetes API').argParser(parsePort).default(16_443))
    .addOption(new Option('--queue-port <port>', 'for the SQS in this process').argParser(parsePort).default(14_566))
    .addOption(
      new Option('--admission-port <port>', 'for the admission webhook, which the Kubernetes API alone calls; 0: any that is free')
        .argParser(parsePort)
        .default(0),
    )
    .addOption(queueEndpointOption())
    .addOption(new Option('--queue-prefix <prefix>', 'how the names of the queues begin').argParser(parseQueuePrefix).default('kubernaut-local-'))
    .addOption(new Option('--data <directory>', 'keep the audit database there; without it, in memory'))
    .addOption(monitoringOption())
    .addOption(verboseOption())
    .action(concluding(async (options: StartOptions) => (await import('./start.ts')).start(options)));
  program
    .command('demo')
    .description('play an alert from Alertmanager to its end on a stack of its own, show what happens, and exit with the verdict')
    .addOption(clusterOption())
    .addOption(monitoringOption())
    .addOption(new Option('--scenario <name>', 'another story, see below; it succeeds when it comes to its end'))
    .showHelpAfterError('The stories are named by: kubernaut demo --help')
    .addOption(new Option('--json', 'print one JSON document on stdout, and everything else on stderr').default(false))
    .addOption(queueEndpointOption())
    .addOption(verboseOption())
    .addHelpText(
      'after',
      () =>
        `\nStories:\n${storyLines(root)
          .map((line) => `  ${line}`)
          .join('\n')}`,
    )
    .action(concluding(async (options: DemoOptions) => (await import('./demo.ts')).demo(options)));
  program
    .command('play')
    .description('play a story on the stack that npm start keeps up: creates its world, breaks it and posts its alert')
    .argument('[story]', 'a folder of test/fixtures/stories', 'payment-api-memory')
    .action(concluding(async (story: string) => (await import('./play.ts')).play(story)));
  program.command('env').description('print export lines for the running stack: eval "$(npx kubernaut env)"').action(concluding(printEnvironment));
  addWorkshopCommands(program);
  return program;
}

/** For who works on the product itself. */
function addWorkshopCommands(program: Command): void {
  program
    .command('programs')
    .description('find, fetch or build what npm run test:cluster starts (a control plane, helm, kubectl), and say where each is')
    .addOption(new Option('--cloud', 'what npm run test:cloud starts instead: cfn-lint').default(false))
    .action(
      concluding(async ({ cloud }: { readonly cloud: boolean }) => {
        const { provideCloudPrograms, providePrograms } = await import('./programs.ts');
        await (cloud ? provideCloudPrograms() : providePrograms());
      }),
    );
  program
    .command('generate')
    .description('write the CRDs, the RBAC and docs/actions.md from the code that they follow from')
    .addOption(new Option('--check', 'write nothing; exit 1 and name the files that differ').default(false))
    .action(concluding(async (options: { readonly check: boolean }) => (await import('./generate.ts')).generate(options)));
}

/** What a person can do something about is told in one sentence; anything else is a bug, and keeps its stack. */
const tellable = [
  OperatorFailure,
  UsageInvalid,
  InvalidResourceError,
  StartFailed,
  ActFailed,
  StoryInvalid,
  UnknownStory,
  TookTooLong,
  EnvironmentInvalid,
  SecretUnreadable,
  Interrupted,
];
const usageCode = 2;
const interruptedCode = 130;

const exitCodes = `
Exit codes: 0 it is done; 1 it failed or was refused, and a sentence on stderr says why; 2 the command line is wrong; 130 it was interrupted.
The cluster is found as kubectl finds it. For the stack that npm start keeps up: eval "$(npx kubernaut env)"`;

function isTellable(error: unknown): error is Error {
  return tellable.some((type) => error instanceof type);
}

function concluding<Arguments extends readonly unknown[]>(command: (...given: Arguments) => Promise<number | void>) {
  return async (...given: Arguments): Promise<void> => {
    try {
      process.exitCode = (await command(...given)) ?? 0;
    } catch (error) {
      console.error(isTellable(error) ? `error: ${visible(error.message.replace(/\s+/g, ' '))}` : error);
      process.exitCode = exitCodeOf(error);
    }
  };
}

function exitCodeOf(error: unknown): number {
  if (error instanceof Interrupted) return interruptedCode;
  return error instanceof UsageInvalid ? usageCode : 1;
}
