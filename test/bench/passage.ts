import { successOf } from '../../shared/kubernetes/cluster.ts';
import type { ApiRequest, Transport } from '../../shared/kubernetes/request.ts';
import { percentile } from './percentile.ts';
import type { RoundTrip } from './round-trips.ts';
import { benchNamespace } from './world.ts';

/** One alert on its way to its Job. */
export interface Passage {
  readonly milliseconds: number;
  /** The round trips to the API server that followed one another. */
  readonly chain: readonly RoundTrip[];
  readonly times: RoundTripTimes;
}

/** What a round trip takes when nothing else is asked, in milliseconds. */
export type RoundTripTimes = Readonly<Record<RoundTrip['kind'], number>>;

const sampleCount = 20; // before each alert
const timeoutMilliseconds = 10_000;
const ratioAim = 3;

/** The medians over a ConfigMap that nobody looks at: a GET, and a merge PATCH. It is the cheapest write there is, which does not flatter the ratio. */
export async function measureRoundTrips(admin: Transport): Promise<RoundTripTimes> {
  const collection = `/api/v1/namespaces/${benchNamespace}/configmaps`;
  const name = `round-trip-${Math.round(performance.now())}`;
  await ask(admin, { method: 'POST', path: collection, body: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: benchNamespace } } });
  const path = `${collection}/${name}`;
  const read = await medianOf(() => ask(admin, { method: 'GET', path }));
  const write = await medianOf((index) =>
    ask(admin, { method: 'PATCH', path, patchType: 'application/merge-patch+json', body: { data: { index: `${index}` } } }),
  );
  await ask(admin, { method: 'DELETE', path });
  return { read, write };
}

/** What there is to say of them: how long the way was in round trips, and how much longer it took than those. */
export function passageLines(passages: readonly Passage[]): readonly string[] {
  const median = (figure: (passage: Passage) => number) => percentile(passages.map(figure), 50);
  const count = (kind: RoundTrip['kind']) => Math.round(median(({ chain }) => chain.filter((trip) => trip.kind === kind).length));
  const [reads, writes] = [count('read'), count('write')];
  const [read, write] = [median(({ times }) => times.read), median(({ times }) => times.write)];
  const ratio = median((passage) => passage.milliseconds / expectedMilliseconds(passage));
  return [
    `  one after another, ${reads + writes} round trips to the API: ${reads} reads of ${read.toFixed(1)} ms and ${writes} writes of ${write.toFixed(1)} ms, when nothing else is asked`,
    `  ratio ${ratio.toFixed(1)}: alert to Job over these round trips, median (aim: at most ${ratioAim})`,
  ];
}

function expectedMilliseconds({ chain, times }: Passage): number {
  return chain.reduce((sum, { kind }) => sum + times[kind], 0);
}

async function medianOf(trip: (index: number) => Promise<unknown>): Promise<number> {
  const durations: number[] = [];
  for (let index = 0; index < sampleCount; index += 1) {
    const begun = performance.now();
    await trip(index);
    durations.push(performance.now() - begun);
  }
  return percentile(durations, 50);
}

async function ask(admin: Transport, request: ApiRequest): Promise<void> {
  successOf(request, await admin.send(request, timeoutMilliseconds));
}
