import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { KubeConfig } from '@kubernetes/client-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DemoReport } from '../../infra/cli/demo-report.ts';
import { httpsTransport } from '../../shared/kubernetes/https-transport.ts';
import { aCommandLine, type CommandLine, type Ended, type RunningCommand } from '../support/command-line.ts';

const startMilliseconds = 180_000; // two stacks start at once, on a machine that may have other things to do
const anyPorts = ['--webhook-port', '0', '--api-port', '0', '--queue-port', '0'];
let commandLine: CommandLine;
let demoLine: CommandLine;
let demoEnded: Promise<Ended>;

/** The demo waits for most of its time, so it runs while the rest is tried. */
beforeAll(async () => {
  [commandLine, demoLine] = await Promise.all([aCommandLine(), aCommandLine()]);
  demoEnded = demoLine.run(['demo', '--json', '--monitoring-seconds', '1']);
});

afterAll(async () => {
  await Promise.all([commandLine.close(), demoLine.close()]);
});

describe('kubernaut start', () => {
  let stack: RunningCommand;
  let environment: Ended;
  const variables = () => Object.fromEntries([...environment.stdout.matchAll(/^export (\w+)='(.*)'$/gm)].map(([, name, value]) => [name, value] as const));

  beforeAll(async () => {
    stack = commandLine.start(['start', ...anyPorts]);
    await stack.printed('kubernaut is up');
    environment = await commandLine.run(['env']);
  }, startMilliseconds);

  it('tells a second terminal all that it needs', () => {
    expect(environment).toMatchObject({ code: 0, stderr: '' });
    expect(Object.keys(variables())).toEqual([
      'KUBECONFIG',
      'KUBECACHEDIR',
      'KUBERNAUT_WEBHOOK_URL',
      'KUBERNAUT_WEBHOOK_TOKEN',
      'KUBERNAUT_QUEUE_URL_PREFIX',
      'AWS_ENDPOINT_URL_SQS',
      'AWS_REGION',
      'AWS_ACCESS_KEY_ID',
      'AWS_SECRET_ACCESS_KEY',
    ]);
    expect(environment.stdout.trimEnd().split('\n')).toHaveLength(9);
  });

  it('serves the API to the kubeconfig that it names', async () => {
    const kubeconfig = new KubeConfig();
    kubeconfig.loadFromFile(variables()['KUBECONFIG'] ?? '');
    const path = '/apis/remediation.kubernaut.io/v1/namespaces/kubernaut-system/remediationrequests';
    expect(await httpsTransport(kubeconfig).send({ method: 'GET', path }, 5_000)).toMatchObject({ status: 200, body: { items: [] } });
  });

  it('takes alerts with the token that it names, and from nobody else', async () => {
    const post = (token: string) =>
      fetch(variables()['KUBERNAUT_WEBHOOK_URL'] ?? '', {
        method: 'POST',
        headers: { authorization: `Bearer ${token}` },
        body: '{"version":"4","groupKey":"","alerts":[]}',
      });
    expect((await post(variables()['KUBERNAUT_WEBHOOK_TOKEN'] ?? '')).status).toBe(200);
    expect((await post('guessed')).status).toBe(401);
  });

  it('is a cluster like any other to the commands of an operator', async () => {
    const environment = { KUBECONFIG: variables()['KUBECONFIG'] ?? '' };
    const [waiting, planned] = await Promise.all([
      commandLine.run(['approvals'], environment),
      commandLine.run(['plan', '--alert', join(import.meta.dirname, '../fixtures/alertmanager/payment-api-memory.json')], environment),
    ]);
    expect(waiting).toEqual({ code: 0, stdout: 'nothing waits for approval\n', stderr: '' });
    expect(planned).toMatchObject({ code: 1, stderr: '', stdout: expect.stringContaining('it would fail before it acts: target_not_found') });
  });

  it('finds nothing wrong with itself, and nothing given up', async () => {
    const [examined, queues] = await Promise.all([commandLine.run(['doctor', '-o', 'json'], variables()), commandLine.run(['queues'], variables())]);
    expect(examined).toMatchObject({ code: 0, stderr: '' });
    const { failed, items } = JSON.parse(examined.stdout) as { readonly failed: number; readonly items: readonly { readonly status: string }[] };
    expect({ failed, notOk: items.filter(({ status }) => status !== 'ok') }).toEqual({ failed: 0, notOk: [] });
    expect(queues).toMatchObject({ code: 0, stderr: '', stdout: expect.not.stringContaining('redrive') });
  });

  it('plays a story that others can watch', async () => {
    expect(await commandLine.run(['play', 'missing-target'])).toMatchObject({ code: 0, stdout: 'the alert is accepted: kubectl get rr -w\n' });
    await stack.printed('processing → failed target_not_found');
  });

  it('keeps a second start away with one sentence', async () => {
    const second = await commandLine.run(['start', ...anyPorts]);
    expect(second).toMatchObject({ code: 1, stdout: '' });
    expect(second.stderr).toMatch(/^error: a stack runs already, since .*: use it by eval "\$\(npx kubernaut env\)", or stop it first\n$/);
  });

  it('leaves nothing behind when it is interrupted', async () => {
    stack.interrupt();
    const { code, stdout, stderr } = await stack.ended;
    expect({ code, stderr, last: stdout.trimEnd().split('\n').at(-1) }).toEqual({ code: 0, stderr: '', last: 'stopped: nothing of it is left running' });
    expect(await readdir(commandLine.runtimeDirectory)).toEqual([]);
    await expect(fetch(variables()['KUBERNAUT_WEBHOOK_URL'] ?? '')).rejects.toThrow('fetch failed');
  });

  it('tells in one sentence which port is in use, and leaves nothing behind', async () => {
    const holder = createServer().listen(0, '127.0.0.1');
    await once(holder, 'listening');
    const { port } = holder.address() as AddressInfo;
    const refused = await commandLine.run(['start', ...anyPorts, '--webhook-port', String(port)]);
    holder.close();
    expect(refused).toEqual({
      code: 1,
      stdout: '',
      stderr: `error: port ${port} for the webhook is in use: stop what listens there, or give another with --webhook-port\n`,
    });
    expect(await readdir(commandLine.runtimeDirectory)).toEqual([]);
  });
});

describe('what a person got wrong', () => {
  const cases: readonly [string, readonly string[], Readonly<Record<string, string>>, number, string][] = [
    ['env with nothing running', ['env'], {}, 1, 'no stack of yours is running: start one with npm start'],
    ['play with nothing running', ['play'], {}, 1, 'no stack of yours is running: start one with npm start'],
    ['a story that does not exist', ['demo', '--scenario', 'nope'], {}, 1, 'there is no story "nope": choose one of'],
    ['a window that is no number', ['demo', '--monitoring-seconds', 'soon'], {}, 2, 'Give a whole number from 0 to 600'],
    ['a window in the environment that is too long', ['demo'], { KUBERNAUT_MONITORING_SECONDS: '601' }, 2, 'Give a whole number from 0 to 600'],
    ['a queue endpoint that is no URL', ['start', '--queue-endpoint', '127.0.0.1'], {}, 2, 'Give an http or https URL'],
    [
      'a queue endpoint that does not answer',
      ['start', ...anyPorts, '--queue-endpoint', 'http://127.0.0.1:1'],
      {},
      1,
      'the queue endpoint http://127.0.0.1:1 did not create',
    ],
    ['a command that does not exist', ['strat'], {}, 2, "unknown command 'strat'"],
  ];

  it.each(cases)('is told in one sentence: %s', async (_sentence, argv, environment, expected, words) => {
    const { code, stdout, stderr } = await commandLine.run(argv, environment);
    expect({ code, stdout }).toEqual({ code: expected, stdout: '' });
    expect(stderr).toMatch(/^error: /);
    expect(stderr).toContain(words);
    expect(stderr).not.toContain('    at ');
  });

  it('is told by an older Node too', async () => {
    const bin = join(import.meta.dirname, '../../infra/cli/kubernaut.mjs');
    const script = `Object.defineProperty(process.versions, 'node', { value: '20.20.2' }); await import(${JSON.stringify(bin)});`;
    const child = spawn(process.execPath, ['--input-type=module', '--eval', script], { stdio: ['ignore', 'ignore', 'pipe'] });
    const [stderr, [code]] = await Promise.all([child.stderr.toArray(), once(child, 'close')]);
    expect(code).toBe(1);
    expect(stderr.join('')).toMatch(/^error: kubernaut needs Node 24 or later, and this is Node 20\.20\.2: npm ci puts one into node_modules\/\.bin.*\n$/);
  });
});

describe('kubernaut generate --check', () => {
  it('finds every generated file as the code says it', async () => {
    expect(await commandLine.run(['generate', '--check'])).toEqual({ code: 0, stdout: '', stderr: '' });
  });
});

describe('kubernaut demo --json', () => {
  let ended: Ended;
  let report: DemoReport;

  beforeAll(async () => {
    ended = await demoEnded;
    report = JSON.parse(ended.stdout) as DemoReport;
  }, startMilliseconds);

  it('ends well, with one document on stdout and the timeline on stderr', () => {
    expect(ended).toMatchObject({ code: 0, stderr: expect.stringContaining('executing    → completed') });
    expect(ended.stderr).toContain('20 of scale_deployment, 17 good; 50 of increase_memory_limit, 39 good');
    expect(ended.stderr).not.toMatch(/^(warn|error) /m);
  });

  it('prints whole objects', () => {
    const request = {
      kind: 'RemediationRequest',
      metadata: { name: expect.stringMatching(/^rr-9c1f0f3e5b7a-/) },
      spec: { alertName: 'PodMemoryHigh' },
      status: { phase: 'completed' },
    };
    expect(report.remediationRequest).toMatchObject(request);
    expect(report.remediationProcessing).toMatchObject({ kind: 'RemediationProcessing', status: { phase: 'completed', environment: 'production' } });
    expect(report.aiAnalysis).toMatchObject({
      kind: 'AIAnalysis',
      status: { recommendations: [{ action: 'scale_deployment', historicalSuccessRate: 0.85 }, {}] },
    });
    expect(report.workflowExecution).toMatchObject({ kind: 'WorkflowExecution', status: { phase: 'completed', overallSuccess: true } });
    expect(report.kubernetesExecutions).toMatchObject([{ kind: 'KubernetesExecution', status: { phase: 'completed', executionResults: { success: true } } }]);
    expect(report.jobs).toMatchObject([{ kind: 'Job', status: { succeeded: 1 } }]);
  });

  it('prints six Events, the audit in order and the timeline', () => {
    expect(report.events.map((event) => event['reason'])).toHaveLength(6);
    expect(report.audit[0]).toMatchObject({ type: 'request.created', actor: { kind: 'system' } });
    expect(report.audit.map(({ type }) => type)).toEqual(expect.arrayContaining(['execution.intent', 'workflow.completed', 'request.completed']));
    expect(new Set(report.audit.map(({ correlationId }) => correlationId)).size).toBe(1);
    expect(report.timeline.at(-1)).toMatchObject({ subject: 'rr', from: 'executing', to: 'completed', elapsedSeconds: expect.any(Number) });
  });

  it('counts what it took', () => {
    const { counts, executor } = report;
    expect(counts).toMatchObject({ jobs: 1, auditMessages: report.audit.length, byFunction: { 'alert-webhook': { invocations: 1 } } });
    expect(counts.queueMessages).toBeGreaterThan(20);
    expect(counts.queueMessages).toBeLessThanOrEqual(60);
    expect(counts.kubernetesRequests).toBeLessThanOrEqual(145);
    expect(counts.functionInvocations).toBeGreaterThan(20);
    expect(executor).toMatch(/kubectl/);
  });

  it('leaves nothing behind', async () => {
    expect(await readdir(demoLine.runtimeDirectory)).toEqual([]);
  });
});
