import { parseArgs } from 'node:util';
import { startVitest, type Reporter } from 'vitest/node';
import { clusterChoices, type ClusterChoice } from '../../infra/local/stack/cluster-choice.ts';
import { areaCounts, areaTable } from './area-table.ts';

const files: Readonly<Record<ClusterChoice, string>> = {
  sandbox: 'test/conformance/sandbox.test.ts',
  real: 'test/conformance/kube-apiserver.test.ts',
};
const configs: Readonly<Record<ClusterChoice, string>> = { sandbox: 'vitest.config.ts', real: 'test/conformance/vitest.config.ts' };
const titles: Readonly<Record<ClusterChoice, string>> = { sandbox: 'the sandbox', real: 'a real control plane' };

const print = (line: string) => process.stdout.write(`${line}\n`);

/** `--cluster sandbox | real`: which side is asked. Null for another value. */
function chosenCluster(): ClusterChoice | null {
  const { values } = parseArgs({ options: { cluster: { type: 'string', default: 'sandbox' } } });
  return clusterChoices.find((choice) => choice === values.cluster) ?? null;
}

/** Runs the suite against one side and prints what it holds to, area by area; a case that fails sets the exit code. */
async function ask(cluster: ClusterChoice): Promise<void> {
  const table: Reporter = {
    onTestRunEnd(modules) {
      print(`\n${titles[cluster]}, by area:`);
      for (const line of areaTable(areaCounts(modules))) print(line);
    },
  };
  const vitest = await startVitest('test', [files[cluster]], { watch: false, config: configs[cluster], reporters: ['default', table] });
  await vitest.close();
}

const cluster = chosenCluster();
if (cluster === null) {
  process.stderr.write(`error: --cluster is ${clusterChoices.join(' or ')}\n`);
  process.exitCode = 2;
} else {
  await ask(cluster);
}
