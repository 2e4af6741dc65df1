import type { ClusterChoice } from '../../infra/local/stack/cluster-choice.ts';
import { measureAlertToJob, measureTimeline } from './alert-to-job.ts';
import { countOneRemediation } from './counts.ts';
import { measureStart } from './start.ts';

/** How long one remediation takes, and what it asks for. False: past a limit. */
export async function measurePassage(cluster: ClusterChoice, print: (line: string) => void): Promise<boolean> {
  const startsInTime = cluster === 'sandbox' || (await measureStart(print));
  const isFast = await measureAlertToJob(cluster, print);
  await measureTimeline(cluster, print);
  await countOneRemediation(print);
  return isFast && startsInTime;
}
