import { Command, Option } from 'commander';
import { startVitest } from 'vitest/node';
import { clusterChoices, type ClusterChoice } from '../../infra/local/stack/cluster-choice.ts';

const command = new Command('npm run test:cloud --')
  .description('Deploys serverless.yml to MiniStack on this machine, and holds what runs there to what is promised.')
  .argument('[files...]', 'some of the test files only')
  .addOption(
    new Option('--cluster <cluster>', 'sandbox: the API in a process of ours; real: a kube-apiserver with its controllers')
      .choices(clusterChoices)
      .env('KUBERNAUT_TEST_CLUSTER')
      .default('sandbox'),
  )
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2))
  .parse();

const { cluster } = command.opts<{ readonly cluster: ClusterChoice }>();
process.env['KUBERNAUT_TEST_CLUSTER'] = cluster; // where test/cloud/deploy.ts looks for it
const vitest = await startVitest('test', command.args, { watch: false, config: 'test/cloud/vitest.config.ts' });
await vitest.close();
