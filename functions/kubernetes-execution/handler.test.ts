import { describe, expect, it } from 'vitest';
import { voidAnnotation } from '../../shared/api/labels.ts';
import { aDeployment, aScaledDeployment } from '../../test/support/actions.ts';
import { refusal } from '../../test/support/cluster-twin.ts';
import { anExecutionWorld } from '../../test/support/execution-world.ts';
import { complete, failed, jobRef, now } from '../../test/support/executions.ts';

const job = jobRef.name;

describe('an execution in a cluster', () => {
  it('goes the way of the specification', async () => {
    const world = await anExecutionWorld();
    const made = await world.settle();
    expect(made.status).toMatchObject({ phase: 'executing', startTime: now, jobRef: { kind: 'Job', name: job, uid: world.job()?.metadata.uid } });
    expect(world.job()?.metadata.finalizers).toEqual([]);

    world.clock.advance(30);
    const { status } = await world.finishJob(complete);
    expect(status).toMatchObject({
      phase: 'completed',
      validationResults: { rbacValid: true, resourceExists: true, dryRunPassed: true, dryRunOutput: 'deployment.apps/payment-api scaled (dry run)' },
      executionResults: {
        success: true,
        message: 'Successfully scaled payment-api to 5 replicas',
        validationResult: 'Verified 5 replicas running and ready',
        executionDuration: '30s',
      },
    });
    expect(world.events()).toEqual(['Normal JobCreated', 'Normal ExecutionCompleted']);
    expect(world.rows()).toEqual(['execution.validated', 'execution.intent', 'execution.job_created', 'execution.outcome', 'execution.completed']);
  });

  it('asks no more than this of the API server', async () => {
    const world = await anExecutionWorld();
    await world.settle();
    await world.finishJob(complete);
    const ke = 'KubernetesExecution rr-1-workflow-scale';
    const event = expect.stringMatching(/^create Event /);
    const fresh = [`get ${ke}`, `patchStatus ${ke}`];
    const review = ['review get deployments', 'review patch deployments/scale'];
    const context = ['list HorizontalPodAutoscaler'];
    const validating = [`get ${ke}`, ...review, 'get Deployment payment-api', ...context, 'dry run PATCH', `patchStatus ${ke}`];
    const lastLook = [`get Job ${job}`, 'get WorkflowExecution rr-1-workflow', 'get Deployment payment-api'];
    const making = [`get ${ke}`, ...lastLook, `create Job ${job}`, `patchStatus ${ke}`, event];
    const releasing = [`get ${ke}`, `get Job ${job}`, `patchMetadata Job ${job}`];
    const judging = [`get ${ke}`, `get Job ${job}`, 'get Deployment payment-api', `patchStatus ${ke}`, event];
    expect(world.requests).toEqual([fresh, validating, making, releasing, judging, [`get ${ke}`]].flat());
    expect(world.requests).toHaveLength(25);
  });

  it('waits for health by its own timer, and writes nothing while it waits', async () => {
    const world = await anExecutionWorld();
    await world.settle();
    const waiting = await world.finishJob(complete, aScaledDeployment(5, 4));
    const version = waiting.metadata.resourceVersion;
    expect((await world.elapse(35)).metadata.resourceVersion).toBe(version);
    world.cluster.change('Deployment', 'payment-api', { status: { readyReplicas: 5 } });
    expect((await world.elapse(10)).status).toMatchObject({ phase: 'completed', executionResults: { executionDuration: '40s' } });
  });

  it('fails when it does not become healthy within two minutes', async () => {
    const world = await anExecutionWorld();
    await world.settle();
    await world.finishJob(complete, aScaledDeployment(5, 4));
    expect((await world.elapse(119)).status).toMatchObject({ phase: 'executing' });
    expect((await world.elapse(1)).status).toMatchObject({ phase: 'failed', reason: 'health_check_failed', message: 'only 4 of 5 replicas ready' });
  });

  it('waits for its owner to name it, with a deadline that stands still, and then has its whole timeout', async () => {
    const world = await anExecutionWorld({}, { names: [] });
    await world.settle();
    expect((await world.elapse(400)).status).toMatchObject({
      phase: 'executing',
      conditions: expect.arrayContaining([expect.objectContaining({ type: 'Permitted', status: 'False' })]),
    });
    expect(world.job()).toBeNull();
    const named = [
      {
        stepName: 'scale',
        phase: 'executing',
        executionRef: { apiVersion: 'v1', kind: 'KubernetesExecution', name: 'x', namespace: 'kubernaut-system', uid: 'ke1' },
      },
    ];
    world.cluster.change('WorkflowExecution', 'rr-1-workflow', { status: { stepStatuses: named } });
    await world.elapse(300);
    expect(world.job()?.['spec']).toMatchObject({ activeDeadlineSeconds: 300 });
  });

  it('is an orphan when nobody names it within 15 minutes, and nothing can act after that', async () => {
    const world = await anExecutionWorld({}, { names: [] });
    await world.settle();
    expect((await world.elapse(899)).status).toMatchObject({ phase: 'executing' });
    expect((await world.elapse(1)).status).toMatchObject({ phase: 'failed', reason: 'orphaned' });
    expect(world.job()?.metadata.annotations?.[voidAnnotation]).toBe('orphaned');
  });

  it('deletes a Job that outlives its deadline by a minute, and asks the cluster when it is gone', async () => {
    const world = await anExecutionWorld();
    await world.settle();
    world.cluster.change('Job', job, { status: { startTime: now } });
    await world.elapse(359);
    expect(world.job()).not.toBeNull();
    await world.elapse(1);
    expect(world.job()).toBeNull();
    expect((await world.settle()).status).toMatchObject({
      phase: 'failed',
      reason: 'execution_timeout',
      message: 'Execution timeout exceeded: expected 5 replicas, got 3',
    });
  });

  it('ends even when the target can never be read again', async () => {
    const world = await anExecutionWorld();
    await world.settle();
    const get = world.cluster.get;
    world.cluster.get = (key) => (key.kind === 'Deployment' ? Promise.reject(new Error('timeout')) : get(key));
    await world.finishJob(complete);
    expect(world.execution().status).toMatchObject({ phase: 'executing' });
    expect(await world.pass('sweep')).toBe(false);
    world.clock.advance(600);
    expect(await world.pass('sweep')).toBe(true);
    expect(world.execution().status).toMatchObject({ phase: 'failed', reason: 'execution_timeout' });
  });

  it('is done in time although nobody told it for an hour', async () => {
    const world = await anExecutionWorld();
    await world.settle();
    world.cluster.change('Deployment', 'payment-api', { spec: { replicas: 5 }, status: { readyReplicas: 5 } });
    world.cluster.change('Job', job, { status: complete });
    world.clock.advance(3_600);
    await world.pass('sweep');
    expect(world.execution().status).toMatchObject({ phase: 'completed' });
  });
});

describe('the Job of an execution', () => {
  /** Ready to make its Job with the next pass. */
  async function aValidatedWorld() {
    const world = await anExecutionWorld();
    await world.pass();
    await world.pass();
    return world;
  }

  it('is recorded by the next pass when the answer to its create was lost', async () => {
    const world = await aValidatedWorld();
    world.cluster.onWritten = ({ kind }) => {
      if (kind === 'Job') throw new Error('connection reset');
    };
    expect(await world.pass()).toBe(false);
    expect(world.execution().status).not.toHaveProperty('jobRef');
    world.cluster.onWritten = () => undefined;
    world.cluster.change('Deployment', 'payment-api', { spec: { replicas: 4 } });
    await world.settle();
    expect(world.execution().status).toMatchObject({ phase: 'executing', jobRef: { uid: world.job()?.metadata.uid } });
  });

  it('cannot vanish before it is recorded, and is free afterwards', async () => {
    const world = await aValidatedWorld();
    await world.pass();
    expect(world.job()?.metadata.finalizers).toEqual(['kubernaut.io/unrecorded']);
    await world.cluster.delete(
      { apiVersion: 'batch/v1', kind: 'Job', name: job, namespace: 'kubernaut-system' },
      { uid: world.job()?.metadata.uid ?? '', propagationPolicy: 'Foreground' },
    );
    expect(world.job()).not.toBeNull();
    await world.pass();
    expect(world.job()).toBeNull();
  });

  it('is made once by two passes that saw the same world', async () => {
    const world = await aValidatedWorld();
    await Promise.all([world.pass(), world.pass()]);
    await world.settle();
    expect(world.requests.filter((request) => request === `create Job ${job}`)).toHaveLength(2);
    expect(world.cluster.objects().filter(({ kind }) => kind === 'Job')).toHaveLength(1);
    expect(world.execution().status).toMatchObject({ jobRef: { uid: world.job()?.metadata.uid } });
    expect(world.events()).toEqual(['Normal JobCreated']);
  });

  it('wins over the void Job of a cancel that came later: its verdict is awaited', async () => {
    const world = await aValidatedWorld();
    const slow = await aSlowCreate(world);
    world.cluster.change('KubernetesExecution', 'rr-1-workflow-scale', { metadata: { annotations: { 'kubernaut.io/cancel-requested': 'true' } } });
    slow.landsBeforeNextCreate();
    await world.settle();
    expect(world.execution().status).toMatchObject({ phase: 'executing', jobRef: { uid: world.job()?.metadata.uid } });
    expect((await world.finishJob(complete)).status).toMatchObject({ phase: 'completed' });
  });

  it('loses against the void Job of a cancel that came first: nothing acts after the verdict', async () => {
    const world = await aValidatedWorld();
    const slow = await aSlowCreate(world);
    world.cluster.change('KubernetesExecution', 'rr-1-workflow-scale', { metadata: { annotations: { 'kubernaut.io/cancel-requested': 'true' } } });
    await world.settle();
    expect(world.execution().status).toMatchObject({ phase: 'failed', reason: 'cancelled' });
    await expect(slow.lands()).rejects.toThrow('already exists');
    expect(world.job()?.['spec']).toMatchObject({ suspend: true });
  });

  it('that the API refuses fails the execution with its words, void Job included', async () => {
    const world = await aValidatedWorld();
    world.cluster.onCall = ({ verb, kind }) => {
      if (verb === 'create' && kind === 'Job') throw refusal(403, 'Forbidden', 'jobs.batch is forbidden: denied by policy');
    };
    await world.settle();
    expect(world.execution().status).toMatchObject({
      phase: 'failed',
      reason: 'job_creation_failed',
      executionResults: { success: false, errorMessage: `creating Job ${job}: jobs.batch is forbidden: denied by policy` },
    });
    expect(world.job()).toBeNull();
  });

  it('that failed is not made again', async () => {
    const world = await aValidatedWorld();
    await world.settle();
    await world.finishJob(failed, aDeployment());
    expect(world.execution().status).toMatchObject({ phase: 'failed', reason: 'execution_job_failed', message: 'Execution job failed' });
    expect(world.requests.filter((request) => request === `create Job ${job}`)).toHaveLength(1);
  });
});

/** A pass that died while its create was still on the way: the request lands when the test says so. */
async function aSlowCreate(world: Awaited<ReturnType<typeof anExecutionWorld>>) {
  const { cluster } = world;
  let body: Parameters<typeof cluster.create>[0] | undefined;
  const create = cluster.create;
  cluster.create = (object) => {
    if (object.kind !== 'Job') return create(object);
    body = object;
    return Promise.reject(new Error('timeout'));
  };
  await world.pass();
  cluster.create = create;
  if (body === undefined) throw new Error('no Job was created');
  const slow = body;
  return {
    lands: () => create(slow),
    landsBeforeNextCreate() {
      cluster.create = async (object) => {
        cluster.create = create;
        await create(slow);
        return create(object);
      };
    },
  };
}

describe('a function that dies', () => {
  /** Runs a whole execution; the change or message of that number is the last that a pass brings about before it dies. */
  async function runDyingAt(fatal: number) {
    const world = await anExecutionWorld();
    let count = 0;
    const die = () => {
      count += 1;
      if (count === fatal) throw new Error('out of memory');
    };
    world.cluster.onWritten = die;
    world.queues.onSent = die;
    for (let passes = 0; passes < 12 && world.job() === null; passes += 1) await world.pass();
    world.cluster.change('Deployment', 'payment-api', { spec: { replicas: 5 }, status: { readyReplicas: 5 } });
    for (let passes = 0; passes < 12; passes += 1) {
      if (world.execution().status?.jobRef !== undefined) world.cluster.change('Job', job, { status: complete });
      await world.pass('sweep');
    }
    return { world, count };
  }

  it('anywhere between two effects leaves one Job and one verdict, as if it had not', async () => {
    const { count } = await runDyingAt(Number.POSITIVE_INFINITY);
    expect(count).toBeGreaterThan(10);
    for (let fatal = 1; fatal <= count; fatal += 1) {
      const { world } = await runDyingAt(fatal);
      expect(world.execution().status, `after effect ${fatal}`).toMatchObject({ phase: 'completed', jobRef: { uid: `uid-${job}-1` } });
      expect(world.job()?.metadata.finalizers, `after effect ${fatal}`).toEqual([]);
      expect(world.job()?.metadata.annotations?.[voidAnnotation]).toBeUndefined();
    }
  });
});
