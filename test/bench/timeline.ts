import type { Moments } from './moments.ts';

interface Row {
  readonly name: string;
  /** As the specification estimates it. */
  readonly specification: string;
  readonly from: string;
  readonly to: string;
}

/** The specification's eleven rows, and between which two sightings ours are measured. */
const rows: readonly Row[] = [
  { name: '1 AI analysis completion', specification: '~5 s', from: 'aia recommending', to: 'aia completed' },
  { name: '2 orchestrator watch', specification: '< 100 ms', from: 'aia completed', to: 'wf created' },
  { name: '3 create WorkflowExecution', specification: '~200 ms', from: 'wf created', to: 'rr executing' },
  { name: '4 workflow planning', specification: '~5 s', from: 'wf planning', to: 'wf validating' },
  { name: '5 workflow validation', specification: '~30 s', from: 'wf validating', to: 'wf executing' },
  { name: '6 create KubernetesExecution', specification: '~200 ms', from: 'wf executing', to: 'ke created' },
  { name: '7 executor validation', specification: '~5 s', from: 'ke created', to: 'ke executing' },
  { name: '8 action execution', specification: '~30 s', from: 'ke executing', to: 'job complete' },
  { name: '9 outcome validation', specification: '~10 s', from: 'job complete', to: 'ke completed' },
  { name: '10 workflow monitoring', specification: '~1 min', from: 'wf monitoring', to: 'wf completed' },
  { name: '11 orchestrator update', specification: '< 100 ms', from: 'wf completed', to: 'rr completed' },
];

/** A line a row: the specification's estimate, and what was measured, in milliseconds. Throws when something was never seen. */
export function timelineOf(moments: Moments, target: string): readonly string[] {
  return rows.map(({ name, specification, from, to }) => {
    const [begin, end] = [moments.at(target, from), moments.at(target, to)];
    if (begin === undefined || end === undefined) throw new Error(`${target}: ${begin === undefined ? from : to} was never seen`);
    return `  ${name.padEnd(30)} ${specification.padStart(9)} ${`${Math.round(end - begin)} ms`.padStart(10)}`;
  });
}
