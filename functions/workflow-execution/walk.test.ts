import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseKubernetesExecution, type KubernetesExecution } from '../../shared/api/kubernetes-execution.ts';
import { refOf, type KubernetesObject } from '../../shared/api/object-ref.ts';
import { addSeconds, type Instant } from '../../shared/api/time.ts';
import { parseWorkflowExecution, type WorkflowExecution } from '../../shared/api/workflow-execution.ts';
import { fillCreated } from '../../shared/reconciler/created-ref.ts';
import type { Decision } from '../../shared/reconciler/phase.ts';
import { mergePatchObject } from '../../infra/local/sandbox/merge-patch.ts';
import { acyclicSteps, aJobRef, anUndo, aStep, aWorkflow, now } from '../../test/support/workflows.ts';
import { runningSteps, statusesOf } from './steps.ts';
import { executing } from './phases/executing.ts';
import { rollingBack } from './phases/rolling-back.ts';
import { rollbackSteps } from './undoing.ts';

/** How the execution of each step, and the one that undoes it, will end; which step is critical; in which order the running ones end. */
interface Fate {
  readonly workflow: WorkflowExecution;
  readonly fails: ReadonlySet<string>;
  readonly picks: readonly number[];
}

const fates: fc.Arbitrary<Fate> = fc
  .record({
    steps: acyclicSteps,
    critical: fc.array(fc.boolean(), { minLength: 12, maxLength: 12 }),
    failing: fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 24, maxLength: 24 }),
    mode: fc.constantFrom('sequential' as const, 'parallel' as const),
    maxParallelSteps: fc.integer({ min: 1, max: 4 }),
    picks: fc.array(fc.nat(11), { minLength: 24, maxLength: 24 }),
  })
  .map(({ steps, critical, failing, mode, maxParallelSteps, picks }) => ({
    workflow: aWorkflow({
      steps: steps.map(({ name, dependencies }, index) => aStep(name, { dependencies, criticalStep: critical[index] ?? true })),
      strategy: { mode, maxParallelSteps },
      status: { phase: 'executing' },
    }),
    fails: new Set(steps.flatMap(({ name }, index) => [...(failing[index] === 0 ? [name] : []), ...(failing[index + 12] === 0 ? [`${name}-rollback`] : [])])),
    picks,
  }));

/** A world without an API: decisions are applied at once, and one running execution after another ends as fate has it. */
function walk({ workflow: first, fails, picks }: Fate) {
  let workflow = first;
  let at: Instant = now;
  const executions = new Map<string, KubernetesExecution>();
  const started: string[] = [];
  const ended: string[] = [];

  const apply = ({ effects }: Decision): boolean => {
    const refs = new Map(effects.flatMap((effect, index) => (effect.kind === 'CreateResource' ? [[index, refOf(make(effect.object))] as const] : [])));
    const patch = effects.find((effect) => effect.kind === 'PatchStatus');
    if (patch === undefined) return false;
    const merged = mergePatchObject(workflow as never, { status: fillCreated(patch.status, refs) });
    workflow = parseWorkflowExecution(merged as unknown as KubernetesObject);
    return true;
  };
  const make = (object: KubernetesObject): KubernetesExecution => {
    const name = object.metadata.name.slice('rr-1-workflow-'.length);
    expect(executions.has(name)).toBe(false);
    const execution = parseKubernetesExecution({
      ...object,
      metadata: { ...object.metadata, uid: `ke-${name}`, resourceVersion: '1' },
      status: { phase: 'executing', startTime: at },
    });
    executions.set(name, execution);
    started.push(name);
    return execution;
  };
  const finish = (pick: number): boolean => {
    const running = [...executions].filter(([, { status }]) => status?.phase === 'executing');
    const chosen = running[pick % Math.max(1, running.length)];
    if (chosen === undefined) return false;
    const [name, execution] = chosen;
    at = addSeconds(at, pick % 3);
    const phase = fails.has(name) ? ('failed' as const) : ('completed' as const);
    executions.set(name, { ...execution, status: { ...execution.status, phase, completionTime: at, jobRef: aJobRef, rollbackInformation: anUndo } });
    ended.push(name);
    return true;
  };
  const named = (names: readonly string[], suffix = '') => new Map(names.map((name) => [name, executions.get(`${name}${suffix}`) ?? null]));
  const decide = (): Decision => {
    const statuses = statusesOf(workflow);
    const withExecution = statuses.filter(({ executionRef }) => executionRef !== undefined).map(({ stepName }) => stepName);
    if (workflow.status?.phase === 'rolling_back') {
      const undoing = rollbackSteps(workflow).filter(({ phase }) => phase === 'executing');
      return rollingBack.decide(
        workflow,
        {
          undoing: named(
            undoing.map(({ stepName }) => stepName),
            '-rollback',
          ),
          originals: named(withExecution),
        },
        at,
      );
    }
    const running = runningSteps(statuses).map(({ stepName }) => stepName);
    return executing.decide(workflow, { running: named(running), ended: named(withExecution.filter((name) => !running.includes(name))) }, at);
  };

  const seen: WorkflowExecution[] = [];
  for (let round = 0; round < 200 && ['executing', 'rolling_back'].includes(workflow.status?.phase ?? ''); round += 1) {
    const changed = apply(decide());
    seen.push(workflow);
    if (!changed && !finish(picks[ended.length % picks.length] ?? 0)) break;
  }
  return { workflow, seen, started, ended, executions };
}

describe('any workflow with any fate', () => {
  it('comes to an end, and never starts a step before what it waits for or more than may run', () => {
    fc.assert(
      fc.property(fates, (fate) => {
        const { workflow, seen, started, ended } = walk(fate);
        expect(['monitoring', 'failed']).toContain(workflow.status?.phase);
        const { steps } = fate.workflow.spec.workflowDefinition;
        const { mode, maxParallelSteps } = fate.workflow.spec.executionStrategy;
        const atOnce = mode === 'parallel' ? maxParallelSteps : 1;
        for (const { status } of seen) expect((status?.stepStatuses ?? []).filter(({ phase }) => phase === 'executing').length).toBeLessThanOrEqual(atOnce);
        for (const name of started.filter((each) => !each.endsWith('-rollback'))) {
          for (const dependency of steps.find((step) => step.name === name)?.dependencies ?? []) {
            expect(ended).toContain(dependency);
            expect(fate.fails.has(dependency)).toBe(false);
          }
        }
        expect(new Set(started).size).toBe(started.length);
      }),
    );
  });

  it('gives every step an entry, and counts those that started', () => {
    fc.assert(
      fc.property(fates, (fate) => {
        const { workflow, started } = walk(fate);
        const statuses = statusesOf(workflow);
        expect(statuses.map(({ stepName }) => stepName).toSorted()).toEqual(fate.workflow.spec.workflowDefinition.steps.map(({ name }) => name).toSorted());
        expect(workflow.status?.currentStep).toBe(started.filter((name) => !name.endsWith('-rollback')).length);
      }),
    );
  });

  it('is watched only when every critical step completed, and else undoes in exact reverse order of completion', () => {
    fc.assert(
      fc.property(fates, (fate) => {
        const { workflow, started, ended } = walk(fate);
        const { steps } = fate.workflow.spec.workflowDefinition;
        const phases = new Map(statusesOf(workflow).map(({ stepName, phase }) => [stepName, phase]));
        const isWhole = steps.every(({ name, criticalStep }) => !criticalStep || phases.get(name) === 'completed');
        expect(workflow.status?.phase === 'monitoring').toBe(isWhole);
        const undone = started.filter((name) => name.endsWith('-rollback')).map((name) => name.slice(0, -'-rollback'.length));
        const acted = ended.filter((name) => !name.endsWith('-rollback'));
        const failed = acted.filter((name) => fate.fails.has(name));
        const completed = acted.filter((name) => !fate.fails.has(name));
        expect(undone.toSorted()).toEqual(isWhole ? [] : [...failed, ...completed].toSorted());
        const times = new Map(statusesOf(workflow).map(({ stepName, completionTime = '' }) => [stepName, completionTime]));
        for (const group of [failed, completed]) {
          const order = undone.filter((name) => group.includes(name)).map((name) => times.get(name) ?? '');
          expect(order).toEqual(order.toSorted().toReversed());
        }
        for (const name of undone)
          expect(phases.get(name)).toBe(fate.fails.has(`${name}-rollback`) ? (fate.fails.has(name) ? 'failed' : 'completed') : 'rolled_back');
      }),
    );
  });
});
