import { stringAt, listAt, mapAt, numberAt, stringsAt } from '../../../shared/kubernetes/unstructured.ts';
import { watcherIdentity } from '../../cluster/identities.ts';
import { send } from './ask.ts';
import { fail, ok, warn, type Verdict } from './finding.ts';
import type { Check, Patient } from './patient.ts';

const silenceSecondsMax = 300; // a watch that hears nothing for so long, not even a bookmark, is opened anew
const pendingMax = 1_000;

/** What forwards changes. Without it everything goes on, once a minute, by the sweeper. */
export const watcherCheck: Check = {
  name: 'watcher',
  needs: 'cluster',
  async look(patient) {
    if (patient.local !== null) return [ok(`runs inside of npm start (process ${patient.local.pid})`)];
    const { name } = watcherIdentity();
    const { cluster } = patient.connection();
    const deployment = await cluster.get({ apiVersion: 'apps/v1', kind: 'Deployment', name, namespace: patient.systemNamespace });
    if (deployment === null)
      return [
        fail(
          `there is no Deployment ${name} in namespace ${patient.systemNamespace}: every step waits for the sweeper, up to a minute`,
          'helm upgrade with watcher.enabled=true',
        ),
      ];
    const wanted = numberAt(deployment, 'spec', 'replicas') ?? 1;
    const ready = numberAt(deployment, 'status', 'readyReplicas') ?? 0;
    const pods = await podsOf(deployment, patient);
    if (ready === 0)
      return [
        fail(`0 of ${wanted} pods are ready${whyNot(pods)}`, `kubectl -n ${patient.systemNamespace} logs deployment/${name}, whose "remedy" says what to do`),
      ];
    const told = `${ready} of ${wanted} pods ready`;
    return [
      await lagOf(pods, told, patient),
      ...(ready < wanted ? [warn(`${told}${whyNot(pods)}`, `kubectl -n ${patient.systemNamespace} describe deployment ${name}`)] : []),
    ];
  },
};

async function podsOf(deployment: object, patient: Patient): Promise<readonly object[]> {
  const labelSelector = Object.entries(stringsAt(deployment, 'spec', 'selector', 'matchLabels'))
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
  return patient.connection().cluster.list({ apiVersion: 'v1', kind: 'Pod' }, { namespace: patient.systemNamespace, labelSelector, limit: 20 });
}

/** The first reason that a container gives for not running. */
function whyNot(pods: readonly object[]): string {
  const states = pods.flatMap((pod) => listAt(pod, 'status', 'containerStatuses')).map((container) => mapAt(container, 'state'));
  const reason = states.map((state) => stringAt(state, 'waiting', 'reason') ?? stringAt(state, 'terminated', 'reason')).find((found) => found !== null);
  return reason === undefined ? '' : ` (${reason})`;
}

/** Its own figures, through the API server: whoever may not look there sees at least that it is ready. */
async function lagOf(pods: readonly object[], told: string, patient: Patient): Promise<Verdict> {
  const ready = pods.find((pod) =>
    listAt(pod, 'status', 'conditions').some((condition) => stringAt(condition, 'type') === 'Ready' && stringAt(condition, 'status') === 'True'),
  );
  const name = stringAt(ready, 'metadata', 'name');
  if (name === null) return ok(`${told}; its lag is not known`);
  const path = `/api/v1/namespaces/${patient.systemNamespace}/pods/${name}:8080/proxy/metrics`;
  const { status, body } = await send(patient, { method: 'GET', path });
  if (status !== 200 || typeof body !== 'string') return ok(`${told}; its lag is not known to a user who may not get pods/proxy`);
  const silence = Math.max(0, ...samplesOf(body, 'kubernaut_watcher_last_event_seconds'));
  const pending = Math.max(0, ...samplesOf(body, 'kubernaut_watcher_pending'));
  if (silence > silenceSecondsMax) return warn(`${told}, and heard nothing of a kind for ${Math.round(silence)} s`, 'its log says what stands in the way');
  if (pending > pendingMax) return warn(`${told}, and ${pending} keys wait to be sent`, 'may it send to the queues, and are they reached? Its log says so');
  return ok(`${told}, ${pending} keys wait to be sent, the last sign of a kind is ${Math.round(silence)} s old`);
}

/** The values of one metric in Prometheus' text format. */
function samplesOf(text: string, metric: string): readonly number[] {
  return text
    .split('\n')
    .filter((line) => line.startsWith(`${metric} `) || line.startsWith(`${metric}{`))
    .map((line) => Number(line.slice(line.lastIndexOf(' ') + 1)))
    .filter((value) => Number.isFinite(value));
}
