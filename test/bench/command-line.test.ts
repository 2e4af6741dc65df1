import { describe, expect, it } from 'vitest';
import { parseCommandLine, type Command } from './command-line.ts';

describe('the command line of the benches', () => {
  it.each<[sentence: string, argv: readonly string[], command: Command]>([
    ['runs the passage on the sandbox unless told otherwise', [], { kind: 'run', bench: 'passage', cluster: 'sandbox' }],
    ['takes the cluster after the bench', ['drain', '--cluster', 'real'], { kind: 'run', bench: 'drain', cluster: 'real' }],
    ['takes the cluster alone', ['--cluster=real'], { kind: 'run', bench: 'passage', cluster: 'real' }],
    ['runs the watcher without a cluster', ['watcher'], { kind: 'run', bench: 'watcher', cluster: 'sandbox' }],
    ['helps', ['drain', '--help'], { kind: 'help' }],
  ])('%s', (_sentence, argv, command) => {
    expect(parseCommandLine(argv)).toEqual(command);
  });

  it.each<[sentence: string, argv: readonly string[], why: string]>([
    ['a bench that is not there', ['drains'], 'drains: no such bench; choose one of passage, drain, watcher, admission, webhook, cost'],
    ['an option that is not there', ['drain', '--cluter', 'real'], '--cluter: no such option; --help lists them'],
    ['a short option that is not there', ['-x'], '-x: no such option; --help lists them'],
    ['a cluster that is not there', ['--cluster', 'kind'], '--cluster kind: choose one of sandbox, real'],
    ['a cluster without a name', ['--cluster'], '--cluster names none: choose one of sandbox, real'],
    ['two benches', ['drain', 'watcher'], 'watcher: one bench at a time; leave out all but one'],
    ['a cluster for admission', ['admission', '--cluster', 'real'], '--cluster: the admission-webhook is sent reviews and takes no cluster; leave it out'],
    ['a cluster for the webhook', ['webhook', '--cluster', 'real'], '--cluster: the alert-webhook is sent notifications and takes no cluster; leave it out'],
    ['a cluster for the watcher', ['watcher', '--cluster', 'real'], '--cluster: the watcher is shown a replayed stream and takes no cluster; leave it out'],
  ])('refuses %s', (_sentence, argv, why) => {
    expect(parseCommandLine(argv)).toEqual({ kind: 'refused', why });
  });
});
