import { parseArgs } from 'node:util';
import { clusterChoices, type ClusterChoice } from '../../infra/local/stack/cluster-choice.ts';

export const benchNames = ['passage', 'drain', 'watcher', 'admission', 'webhook', 'cost'] as const;
export type BenchName = (typeof benchNames)[number];

export type Command =
  | { readonly kind: 'run'; readonly bench: BenchName; readonly cluster: ClusterChoice }
  | { readonly kind: 'help' }
  /** One sentence: what is not understood, and what would be. */
  | { readonly kind: 'refused'; readonly why: string };

const withoutCluster: Partial<Record<BenchName, string>> = {
  watcher: 'the watcher is shown a replayed stream',
  admission: 'the admission-webhook is sent reviews',
  webhook: 'the alert-webhook is sent notifications',
  cost: 'one remediation is counted on the sandbox',
};

export const usage = `npm run bench -- [passage] [--cluster sandbox|real]   alert to Job, the timeline, and what one remediation asks for (the default)
npm run bench -- drain [--cluster sandbox|real]       500 remediations of 500 Deployments at once: rate and CPU
npm run bench -- watcher                              the watcher's bundle before 10,000 resources: rate and memory
npm run bench -- admission                            reviews a second over TLS beside a bare server of the same kind
npm run bench -- webhook                              notifications a second over TLS beside a bare server that sends to the same queue
npm run bench -- cost                                 dollars that AWS would ask for 1,000 remediations, from counts and listed prices
npm run bench -- --help                               this

A bench prints what it ran on, then its figures beside their limits, exits 3 past a limit on time or memory, which a busy machine
can do to it, and 1 when something went wrong. --cluster is the sandbox unless told otherwise; real is a control plane beside this process, its programs
found in the cache or put there first.`;

export function parseCommandLine(argv: readonly string[]): Command {
  const { values, positionals, tokens } = parseArgs({
    args: [...argv],
    options: { cluster: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
    allowPositionals: true,
    strict: false,
    tokens: true,
  });
  const unknown = tokens.find((token) => token.kind === 'option' && token.name !== 'cluster' && token.name !== 'help');
  if (unknown?.kind === 'option') return refused(`${unknown.rawName}: no such option; --help lists them`);
  if (values['help'] !== undefined) return { kind: 'help' };
  const [name = 'passage', ...others] = positionals;
  const bench = benchNames.find((known) => known === name);
  if (bench === undefined) return refused(`${name}: no such bench; choose one of ${benchNames.join(', ')}`);
  if (others.length > 0) return refused(`${others.join(' ')}: one bench at a time; leave out all but one`);
  const asked = values['cluster'];
  const clusterless = asked === undefined ? undefined : withoutCluster[bench];
  if (clusterless !== undefined) return refused(`--cluster: ${clusterless} and takes no cluster; leave it out`);
  const cluster = clusterChoices.find((choice) => choice === (asked ?? 'sandbox'));
  if (cluster === undefined) return refused(`--cluster ${asked === true ? 'names none' : String(asked)}: choose one of ${clusterChoices.join(', ')}`);
  return { kind: 'run', bench, cluster };
}

function refused(why: string): Command {
  return { kind: 'refused', why };
}
