import { totalsOf } from '../../infra/local/stack/counts.ts';
import type { StoryStack } from '../../infra/local/stack/story-stack.ts';
import { inventHistory } from '../../infra/local/story/history.ts';
import { playOnVirtualClock } from '../../infra/local/story/play-on-virtual-clock.ts';
import { readStory } from '../../infra/local/story/story.ts';
import { silentLogger } from '../../shared/telemetry/logger.ts';
import { root } from './bench-stack.ts';

const queueMessagesMax = 60;
const kubernetesRequestsMax = 145;

/** On the sandbox and a virtual clock, with the specification's minute of monitoring: exact counts, the sweeper's apart. Throws past a limit: counts do not depend on the machine. */
export async function countOneRemediation(print: (line: string) => void): Promise<void> {
  const prepare = ({ database, clock }: StoryStack) => inventHistory(database, clock.now());
  await playOnVirtualClock(readStory(root, 'payment-api-memory'), { root, logger: silentLogger, prepare }, async ({ counts }) => {
    const totals = totalsOf(counts);
    print('\none remediation of one step, a minute of monitoring, counted on the sandbox and a virtual clock:');
    print(
      `  ${totals.queueMessages} queue messages (at most ${queueMessagesMax}), ${totals.auditMessages} audit messages, ${totals.functionInvocations} invocations`,
    );
    print(
      `  ${totals.kubernetesRequests} Kubernetes requests (at most ${kubernetesRequestsMax}), the sweeper's ${totals.sweeperRequests} apart: ${verbs(totals.kubernetesRequestsByVerb)}`,
    );
    for (const [name, { records, requests }] of counts.all()) print(`    ${name.padEnd(26)} ${String(records).padStart(3)} messages  ${verbs(requests)}`);
    if (totals.queueMessages > queueMessagesMax || totals.kubernetesRequests > kubernetesRequestsMax)
      throw new Error('one remediation asks for more than it may');
  });
}

function verbs(requests: Readonly<Record<string, number>>): string {
  return Object.entries(requests)
    .toSorted(([, a], [, b]) => b - a)
    .map(([verb, count]) => `${count} ${verb}`)
    .join(', ');
}
