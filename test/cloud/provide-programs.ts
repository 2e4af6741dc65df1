import { provideCloudPrograms } from '../../infra/cli/programs.ts';

/** Before the first test: an installation takes longer than a test should. */
export async function setup(): Promise<void> {
  await provideCloudPrograms();
}
