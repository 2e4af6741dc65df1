import { providePrograms } from '../../infra/cli/programs.ts';

/** Before the first test: a control plane that has to be built takes minutes, which no test should count as its own. */
export async function setup(): Promise<void> {
  await providePrograms();
}
