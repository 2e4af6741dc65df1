import { Command, Option } from 'commander';
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

const command = new Command('npm run test:conformance --')
  .description('Asks one side what every test of the conformance suite asks of a Kubernetes API, and counts by area.')
  .addOption(new Option('--cluster <cluster>', 'sandbox: the API in this process; real: a kube-apiserver beside it').choices(clusterChoices).default('sandbox'))
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2))
  .parse();

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

await ask(command.opts<{ readonly cluster: ClusterChoice }>().cluster);
