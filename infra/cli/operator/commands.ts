import { Argument, Option, type Command } from 'commander';
import { defaultNamespace } from '../../../shared/api/labels.ts';
import { onInterruption } from '../interruption.ts';
import { parseTimeoutSeconds } from '../options.ts';
import { ApprovalsFormat } from './approvals.ts';
import type { Connection, ConnectionOptions } from './connection.ts';
import { asOperatorFailure } from './operator-failure.ts';
import { outputOption, type OutputFormat } from './output.ts';

/** How the program concludes a command: errors become sentences, and an exit code. */
export type Concluding = <Arguments extends readonly unknown[]>(
  command: (...given: Arguments) => Promise<number | void>,
) => (...given: Arguments) => Promise<void>;

const nameArgument = () => new Argument('<name>', 'of a RemediationRequest, or of its WorkflowExecution');
const timeoutOption = () =>
  new Option('--timeout <seconds>', 'how long to wait until the workflow took the decision').argParser(parseTimeoutSeconds).default(60);

interface Decision extends ConnectionOptions {
  readonly output: OutputFormat;
  readonly timeout: number;
}

interface Pause extends ConnectionOptions {
  readonly output: OutputFormat;
  readonly namespace?: string;
  readonly all?: boolean;
}

/** What an operator does to remediations that run: each command acts as the user of the kubeconfig. */
export function addOperatorCommands(program: Command, concluding: Concluding): void {
  addPlan(program, concluding);
  addDecisions(program, concluding);
  addSwitches(program, concluding);
}

interface Planning extends ConnectionOptions {
  readonly alert: string;
  readonly provider?: string;
  readonly output: OutputFormat;
  readonly timeout: number;
  readonly verbose: boolean;
}

function addPlan(program: Command, concluding: Concluding): void {
  connecting(program.command('plan'))
    .description('print what would be done about an alert, why, and what each step would change; nothing is changed')
    .addOption(new Option('--alert <file>', "Alertmanager's notification as it posts it to a webhook; - is stdin").makeOptionMandatory())
    .addOption(new Option('--provider <name>', 'who is asked to investigate; rules is the embedded one').env('KUBERNAUT_ANALYSIS_PROVIDER'))
    .addOption(new Option('--timeout <seconds>', 'how long an alert may take').argParser(parseTimeoutSeconds).default(60))
    .addOption(outputOption())
    .addOption(new Option('--verbose', 'print every log line of the functions on stderr').default(false))
    .action(
      concluding((options: Planning) =>
        interruptibly(options, async (connection, signal) => (await import('./plan.ts')).plan({ ...options, signal }, connection)),
      ),
    );
}

function addDecisions(program: Command, concluding: Concluding): void {
  connecting(program.command('approvals'))
    .description('list what waits for approval: what would be done, what the dry run said, why approval is asked for, and until when')
    .addOption(
      new Option('-o, --output <format>', 'wide: everything, a block each; table: a row each; json')
        .choices(ApprovalsFormat)
        .default('wide' satisfies ApprovalsFormat),
    )
    .action(
      concluding((options: ConnectionOptions & { readonly output: ApprovalsFormat }) =>
        connected(options, async (connection) => (await import('./approvals.ts')).approvals(connection, options)),
      ),
    );
  connecting(program.command('approve'))
    .description('approve the plan that is shown, and wait until the workflow goes on')
    .addArgument(nameArgument())
    .addOption(new Option('--digest <digest>', 'of the plan that you looked at: another one is refused'))
    .addOption(timeoutOption())
    .addOption(outputOption())
    .action(
      concluding((name: string, options: Decision & { readonly digest?: string }) =>
        interruptibly(options, async (connection, signal) => (await import('./decide.ts')).approve(name, { ...options, signal }, connection)),
      ),
    );
  connecting(program.command('reject'))
    .description('reject the plan: nothing is changed, and the reason is kept')
    .addArgument(nameArgument())
    .addOption(new Option('--reason <text>', 'for whoever asks later').makeOptionMandatory())
    .addOption(timeoutOption())
    .addOption(outputOption())
    .action(
      concluding((name: string, options: Decision & { readonly reason: string }) =>
        interruptibly(options, async (connection, signal) => (await import('./decide.ts')).reject(name, { ...options, signal }, connection)),
      ),
    );
}

function addSwitches(program: Command, concluding: Concluding): void {
  const scoped = (command: Command) =>
    connecting(command)
      .argument('[name]', 'of a RemediationRequest, or of its WorkflowExecution')
      .option('-n, --namespace <namespace>', 'every remediation with a target there, those to come too')
      .option('--all', 'every remediation of the cluster, those to come too')
      .addOption(outputOption());
  scoped(program.command('pause'))
    .description('hold a remediation before it acts, or all of a namespace; one that already executes is not held')
    .action(
      concluding(async (name: string | undefined, options: Pause) => {
        const { pause, scopeOf } = await import('./pause.ts');
        const scope = scopeOf(name, options);
        return connected(options, (connection) => pause(scope, options, connection));
      }),
    );
  scoped(program.command('resume'))
    .description('end a pause, and say what is still held by another')
    .action(
      concluding(async (name: string | undefined, options: Pause) => {
        const { resume, scopeOf } = await import('./pause.ts');
        const scope = scopeOf(name, options);
        return connected(options, (connection) => resume(scope, options, connection));
      }),
    );
  connecting(program.command('cancel'))
    .description('end a remediation for good; what runs is awaited, and what was done is undone')
    .addArgument(nameArgument())
    .addOption(outputOption())
    .action(
      concluding((name: string, options: ConnectionOptions & { readonly output: OutputFormat }) =>
        connected(options, async (connection) => (await import('./cancel.ts')).cancel(name, options, connection)),
      ),
    );
}

/** The options by which every one of them finds its cluster. */
export function connecting(command: Command): Command {
  return command
    .option('--kubeconfig <file>', 'instead of KUBECONFIG, or ~/.kube/config')
    .option('--context <name>', 'instead of the current context of the kubeconfig')
    .addOption(new Option('--system-namespace <namespace>', 'where the product lives').env('KUBERNAUT_NAMESPACE').default(defaultNamespace));
}

export async function connected(options: ConnectionOptions, act: (connection: Connection) => Promise<number>): Promise<number> {
  try {
    const { connect } = await import('./connection.ts');
    return await act(connect(options, process.env));
  } catch (error) {
    throw asOperatorFailure(error);
  }
}

async function interruptibly(options: ConnectionOptions, act: (connection: Connection, signal: AbortSignal) => Promise<number>): Promise<number> {
  const interruption = onInterruption();
  try {
    return await connected(options, (connection) => act(connection, interruption.signal));
  } finally {
    interruption.release();
  }
}
