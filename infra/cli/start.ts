import { userInfo } from 'node:os';
import { resolve } from 'node:path';
import type { ClusterChoice } from '../local/stack/cluster-choice.ts';
import { startLocalStack, type LocalStack, type LocalStackOptions } from '../local/stack/local-stack.ts';
import { alreadyRunning, forgetRunningStack, readRunningStack, recordRunningStack, runningStackPath } from '../local/stack/running-stack.ts';
import { followChanges } from '../local/story/observe.ts';
import { createTrailRecorder } from '../local/story/trail.ts';
import { createConsoleLogger } from './console-logger.ts';
import { onInterruption } from './interruption.ts';
import { root } from './root.ts';
import { stopInTime } from './stopping.ts';
import { visible } from './visible.ts';

export interface StartOptions {
  readonly cluster: ClusterChoice;
  readonly webhookPort: number;
  readonly apiPort: number;
  readonly queuePort: number;
  readonly admissionPort: number;
  readonly queueEndpoint?: string;
  readonly queuePrefix: string;
  readonly data?: string;
  readonly monitoringSeconds: number;
  readonly verbose: boolean;
}

/** Keeps the stack up until it is told to stop, and prints every phase that a resource enters. Throws StartFailed. */
export async function start(options: StartOptions): Promise<void> {
  const statePath = runningStackPath(process.env);
  const other = await readRunningStack(statePath);
  if (other !== null) throw alreadyRunning(other);
  const interruption = onInterruption();
  try {
    const stack = await startLocalStack({ ...stackOptions(options), signal: interruption.signal });
    try {
      await keepUp(stack, options, { statePath, signal: interruption.signal });
    } finally {
      await forgetRunningStack(statePath);
      await stopInTime(() => stack.stop());
    }
    console.log('stopped: nothing of it is left running');
  } finally {
    interruption.release();
  }
}

function stackOptions({
  cluster,
  webhookPort,
  apiPort,
  queuePort,
  admissionPort,
  queueEndpoint,
  queuePrefix,
  data,
  monitoringSeconds,
  verbose,
}: StartOptions): Omit<LocalStackOptions, 'signal'> {
  return {
    root,
    cluster,
    tell: (line) => {
      console.log(line);
    },
    ports: { webhook: webhookPort, api: apiPort, queue: queuePort, admission: admissionPort },
    queueEndpoint: queueEndpoint ?? null,
    queuePrefix,
    keepsQueues: true,
    dataDirectory: data ?? null,
    environment: { ...process.env, KUBERNAUT_MONITORING_SECONDS: String(monitoringSeconds) },
    logger: createConsoleLogger(
      (line) => {
        console.error(line);
      },
      { verbose },
    ),
  };
}

async function keepUp(
  stack: LocalStack,
  options: StartOptions,
  { statePath, signal }: { readonly statePath: string; readonly signal: AbortSignal },
): Promise<void> {
  const { kubeconfig, apiUrl, webhookUrl, webhookToken, queueEndpoint, queueUrlPrefix, region, directory } = stack;
  await recordRunningStack(statePath, {
    pid: process.pid,
    startedAt: stack.clock.now(),
    kubeconfig,
    apiUrl,
    webhookUrl,
    webhookToken,
    queueEndpoint,
    queueUrlPrefix,
    region,
    queueIsEmbedded: options.queueEndpoint === undefined,
    directory,
  });
  console.log(introduction(stack, options));
  const recorder = createTrailRecorder();
  const tell = (name: string, { at, kind, from, to, reason, message }: NonNullable<ReturnType<typeof recorder.note>>) => {
    const said = [reason, message].filter((text) => text !== '').join(': ');
    console.log(visible(`${at} ${kind} ${name} ${from === '' ? '""' : from} → ${to}${said === '' ? '' : ` ${said}`}`));
  };
  await followChanges(
    stack.admin,
    (object) => {
      const step = recorder.note(object, stack.clock.now());
      if (step !== null) tell(object.metadata.name, step);
    },
    signal,
  );
}

function introduction({ cluster, apiUrl, webhookUrl, queueEndpoint, executor }: LocalStack, { queueEndpoint: given, data }: StartOptions): string {
  const story = 'test/fixtures/stories/payment-api-memory/cluster.yaml';
  return `
kubernaut is up for ${userInfo().username}; Ctrl-C stops it and leaves nothing running.

  Kubernetes API  ${apiUrl} (${cluster}; executor Jobs run by ${executor})
  webhook         ${webhookUrl}
  queues          ${queueEndpoint} (${given === undefined ? 'SQS in this process' : 'given by --queue-endpoint'})
  audit           ${data === undefined ? 'PostgreSQL in this process, in memory' : `PostgreSQL in this process, kept in ${resolve(data)}`}

In a second terminal, in this directory:

  eval "$(npx kubernaut env)"
  kubectl get rr,rp,aia,wf,ke,jobs -A

A sick workload and its alert, all at once:

  npx kubernaut play

or by hand:

  kubectl apply -f ${story}
  kubectl annotate pods -n production -l app=payment-api sandbox.kubernaut.io/oom-killed=true sandbox.kubernaut.io/until-restarts=1
  curl -sS -H "Authorization: Bearer $KUBERNAUT_WEBHOOK_TOKEN" -H 'Content-Type: application/json' \\
    --data @test/fixtures/alertmanager/payment-api-memory.json "$KUBERNAUT_WEBHOOK_URL"; echo

Then:

  kubectl get rr -w
  kubectl wait --for=condition=Succeeded rr --all --timeout=5m
  kubectl describe rr
  kubectl get events --sort-by=.lastTimestamp

What happens is told here:
`;
}
