import { bringFaults, faultsShow, hasSettled, setScene } from '../../infra/local/story/play.ts';
import type { Story } from '../../infra/local/story/story.ts';
import type { TestedDeployment } from './deployed.ts';

/** The world of a story, with what is broken in it, before anybody tells of it. */
export async function playScene({ admin, eventually }: Pick<TestedDeployment, 'admin' | 'eventually'>, story: Story): Promise<void> {
  await setScene(admin, story);
  await eventually('every pod of the scene ran', () => hasSettled(admin, story));
  await bringFaults(admin, story);
  await eventually('the pods failed', () => faultsShow(admin, story));
  await eventually('the pods run again', () => hasSettled(admin, story));
}
