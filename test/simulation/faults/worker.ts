import { gatedDatabase } from './gated-database.ts';
import { playRun } from './play-run.ts';
import { runSchema } from './run.ts';

// A process of its own that plays one run after another: each message is a run, each answer its report.

Error.stackTraceLimit = 3; // every sleep of the virtual clock remembers its caller, and there are thousands

const gated = await gatedDatabase();
process.on('message', (message) => {
  void playRun(runSchema.parse(message), gated).then((report) => process.send?.(report));
});
process.on('disconnect', () => void gated.database.destroy().then(() => process.exit(0)));
process.send?.('ready');
