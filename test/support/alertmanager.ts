import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { findAlertmanager } from '../../infra/local/programs/alertmanager.ts';
import { cacheDirectoryOf } from '../../infra/local/cache-directory.ts';
import { startEmulator } from '../../infra/local/cloud/emulator-process.ts';
import { freePorts } from '../../infra/local/control-plane/free-ports.ts';
import { createWorkspace } from '../../infra/local/stack/workspace.ts';

export interface Receiver {
  readonly url: string;
  readonly token: string;
}

export interface PostedAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly startsAt?: string;
  readonly endsAt?: string;
}

/** Real Alertmanagers on loopback that send to one receiver: one, or a pair that gossips. */
export interface Alertmanagers {
  /** As Prometheus tells them: all of them, every time. */
  post(alerts: readonly PostedAlert[]): Promise<void>;
  stop(): Promise<void>;
}

/** A route file like the README's, with the grouping of the test; its times are short, so that a repetition is a matter of seconds. */
function routeFile({ url, token }: Receiver, groupBy: readonly string[]): string {
  return stringify({
    route: { receiver: 'kubernaut', group_by: groupBy, group_wait: '1s', group_interval: '5s', repeat_interval: '5s' },
    receivers: [{ name: 'kubernaut', webhook_configs: [{ url, send_resolved: true, max_alerts: 0, http_config: { authorization: { credentials: token } } }] }],
  });
}

const secondsMax = 30;
/** The second of a pair sends too where the first has not told it that it did. 15 by default: an outage of a test is hardly longer. */
const peerTimeoutSeconds = 3;
const host = '127.0.0.1';

export async function startAlertmanagers(count: 1 | 2, receiver: Receiver, groupBy: readonly string[]): Promise<Alertmanagers> {
  const { signal } = new AbortController();
  const { path, version } = await findAlertmanager({ environment: process.env, cacheDirectory: cacheDirectoryOf(process.env), signal, tell: () => undefined });
  const workspace = await createWorkspace();
  const config = join(workspace.directory, 'alertmanager.yml');
  await writeFile(config, routeFile(receiver, groupBy), { mode: 0o600 });
  const ports = await freePorts(count * 2);
  const members = Array.from({ length: count }, (_, index) => ({ web: ports[index * 2] ?? 0, cluster: ports[index * 2 + 1] ?? 0, name: `am-${index}` }));
  const running: { stop(): Promise<void> }[] = [];
  const stop = async () => {
    await Promise.all(running.map((each) => each.stop()));
    await workspace.remove();
  };
  try {
    for (const { web, cluster, name } of members) {
      const gossip =
        count === 1
          ? ['--cluster.listen-address=']
          : [
              `--cluster.listen-address=${host}:${cluster}`,
              `--cluster.peer-timeout=${peerTimeoutSeconds}s`,
              ...members.filter((each) => each.name !== name).map((peer) => `--cluster.peer=${host}:${peer.cluster}`),
            ];
      running.push(
        await startEmulator({
          name: `Alertmanager ${version}`,
          argv: [path, `--config.file=${config}`, `--storage.path=${join(workspace.directory, name)}`, `--web.listen-address=${host}:${web}`, ...gossip],
          environment: { HOME: workspace.directory },
          directory: workspace.directory,
          logFile: join(workspace.directory, `${name}.log`),
          healthUrl: `http://${host}:${web}/-/ready`,
          secondsMax,
          signal,
          tell: (line) => void process.stderr.write(`${line}\n`),
        }),
      );
    }
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    stop,
    async post(alerts) {
      for (const { web } of members) {
        const answer = await fetch(`http://${host}:${web}/api/v2/alerts`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(alerts),
        });
        if (!answer.ok) throw new Error(`Alertmanager answered ${answer.status}: ${await answer.text()}`);
      }
    },
  };
}
