import { parseCommandLine, usage, type Command } from './command-line.ts';

type Run = Extract<Command, { readonly kind: 'run' }>;

const pastLimit = 3; // apart from 1, which Node ends with when a bench throws because something went wrong
const print = (line: string) => process.stdout.write(`${line}\n`);

/** Each bench is loaded by itself, so that what it measures is not what the others brought into the process. False: past a limit. */
async function run({ bench, cluster }: Run): Promise<boolean> {
  switch (bench) {
    case 'passage':
      return (await import('./measure-passage.ts')).measurePassage(cluster, print);
    case 'drain':
      return (await import('./drain.ts')).measureDrain(cluster, print);
    case 'admission':
      return (await import('./admission/measure-admission.ts')).measureAdmission(print);
    case 'webhook':
      return (await import('./webhook/measure-webhook.ts')).measureWebhook(print);
    case 'cost':
      return (await import('./cost/measure-cost.ts')).measureCost(print);
    case 'watcher':
      return (await import('./watcher/measure-watcher.ts')).measureWatcher(print);
  }
}

const command = parseCommandLine(process.argv.slice(2));
switch (command.kind) {
  case 'run':
    process.exitCode = (await run(command)) ? 0 : pastLimit;
    break;
  case 'help':
    print(usage);
    break;
  case 'refused':
    process.stderr.write(`bench: ${command.why}\n`);
    process.exitCode = 2;
}
