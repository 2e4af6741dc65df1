import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AIAnalysis } from '../../shared/api/ai-analysis.ts';
import { RequestPhase, requestStatusSchema, type RemediationRequest, type RequestStatus } from '../../shared/api/remediation-request.ts';
import { isTerminal } from '../../shared/api/status.ts';
import type { Instant } from '../../shared/api/time.ts';
import { fillCreated } from '../../shared/reconciler/created-ref.ts';
import type { Decision } from '../../shared/reconciler/phase.ts';
import { aProcessing } from '../../test/support/processings.ts';
import {
  aCompletedProcessing,
  aCompletedWorkflow,
  aLease,
  anAnalysis,
  anOwnLease,
  anotherRequest,
  aRequestIn,
  now,
  settings,
} from '../../test/support/requests.ts';
import { aWorkflow, patchOf, rowsOf } from '../../test/support/workflows.ts';
import { allOpen, type FenceWorld } from './fences.ts';
import { analyzing } from './phases/analyzing.ts';
import { blocked } from './phases/blocked.ts';
import { ended } from './phases/ended.ts';
import { executing } from './phases/executing.ts';
import { fresh } from './phases/fresh.ts';
import { processing } from './phases/processing.ts';
import { phases, requestRoom } from './room.ts';
import { windingDown } from './winding-down.ts';

/** api.md §2: exactly these, and nothing else. */
const transitions: Readonly<Record<RequestPhase, readonly RequestPhase[]>> = {
  '': ['processing', 'blocked', 'completed', 'failed', 'cancelled'],
  processing: ['analyzing', 'failed', 'cancelled'],
  analyzing: ['executing', 'blocked', 'completed', 'failed', 'cancelled'],
  blocked: ['processing', 'executing', 'completed', 'failed', 'cancelled'],
  executing: ['completed', 'failed', 'cancelled'],
  completed: [],
  failed: [],
  cancelled: [],
};

const maybe = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: null });

const anyProcessing = fc
  .constantFrom('', 'enriching', 'classifying', 'completed', 'failed')
  .chain((phase) => fc.constantFrom(aProcessing({}, { phase }), ...(phase === 'completed' ? [aCompletedProcessing()] : [])));
const anyAnalysis: fc.Arbitrary<AIAnalysis> = fc
  .record({
    phase: fc.constantFrom('', 'investigating', 'completed', 'failed'),
    kept: fc.subarray(['recommendations', 'topRecommendation'] as const),
    reason: fc.constantFrom('', 'invalid_analysis'),
  })
  .map(({ phase, kept, reason }) => {
    const { recommendations = [], topRecommendation } = anAnalysis().status ?? {};
    const chosen = kept.includes('topRecommendation') && topRecommendation !== undefined ? { topRecommendation } : {};
    return { ...anAnalysis(), status: { phase, reason, ...(kept.includes('recommendations') && { recommendations }), ...chosen } };
  });
const anyWorkflow = fc
  .constantFrom('planning', 'validating', 'executing', 'rolling_back', 'completed', 'failed')
  .chain((phase) =>
    fc.constantFrom(
      aWorkflow({ status: { phase } }),
      ...(phase === 'completed' ? [aCompletedWorkflow()] : []),
      ...(phase === 'failed' ? [aWorkflow({ status: { phase, reason: 'cancelled' } })] : []),
    ),
  );

const anyFences: fc.Arbitrary<FenceWorld> = fc.record({
  pausedBy: fc.constantFrom(null, 'production'),
  leases: fc.subarray([aLease(), anOwnLease({ name: 'target-0' }), anOwnLease({ name: 'target-1', takenOn: '3' })]),
  holder: fc.constantFrom(null, anotherRequest('rr-2', 'executing')),
  sameTarget: fc.subarray([anotherRequest('rr-0', 'completed'), anotherRequest('rr-3', 'blocked')]),
});

/** Any phase with any part of its status lost, paused and cancelled or not, the alert over or not. */
const anyRequest: fc.Arbitrary<RemediationRequest> = fc
  .record({
    phase: fc.constantFrom(...RequestPhase),
    lost: fc.subarray([
      'remediationProcessingRef',
      'aiAnalysisRef',
      'workflowRef',
      'overallDeadline',
      'blockedBy',
      'phaseStartTime',
      'startTime',
      'topAction',
      'leaseRefs',
    ] as const),
    reason: fc.constantFrom(undefined, 'cancelled', 'deadline_exceeded', 'paused'),
    pause: fc.boolean(),
    cancel: fc.boolean(),
    dryRun: fc.boolean(),
    hasTarget: fc.boolean(),
    state: fc.constantFrom('firing', 'resolved'),
    isUntouched: fc.boolean(),
  })
  .map(({ phase, lost, reason, hasTarget, state, isUntouched, ...spec }) => {
    const request = aRequestIn(phase, { ...spec, status: { alertStatus: { state, lastSeen: now, occurrences: 1 }, ...(reason !== undefined && { reason }) } });
    const { target, ...withoutTarget } = request.spec;
    const kept = Object.fromEntries(Object.entries(request.status ?? {}).filter(([field]) => !lost.some((name) => name === field)));
    const status: RequestStatus = { ...kept, phase };
    const { status: _untouched, ...untouched } = request;
    return {
      ...(phase === '' && isUntouched ? untouched : { ...request, status }),
      spec: hasTarget && target !== undefined ? { ...withoutTarget, target } : withoutTarget,
    };
  });

const anyInstant: fc.Arbitrary<Instant> = fc.constantFrom(now, '2026-01-15T11:35:00Z', '2026-01-15T11:40:00Z', '2026-01-17T00:00:00Z');

const anyWorld = fc.record({
  request: anyRequest,
  processing: maybe(anyProcessing),
  analysis: maybe(anyAnalysis),
  workflow: maybe(anyWorkflow),
  leftover: maybe(anyWorkflow),
  fences: maybe(anyFences),
  at: anyInstant,
});
type World = typeof anyWorld extends fc.Arbitrary<infer Value> ? Value : never;

/** As the kernel does: `always` first, then the phase. */
function decide({ request, at, ...world }: World): Decision {
  const always = windingDown(settings);
  const of = <Child>(child: Child | null) => (child === null ? [] : [child]);
  const { analysis, fences, leftover } = world;
  const seen = { analysis, fences, leftover };
  switch (request.status?.phase ?? '') {
    case '':
      return always(request, { children: [] }, at) ?? fresh(settings).decide(request, { children: [], fences: fences ?? allOpen }, at);
    case 'processing': {
      const observed = { processing: world.processing, children: of(world.processing) };
      return always(request, observed, at) ?? processing(settings).decide(request, observed, at);
    }
    case 'analyzing': {
      const observed = { ...seen, children: of(analysis) };
      return always(request, observed, at) ?? analyzing(settings).decide(request, observed, at);
    }
    case 'blocked':
      return always(request, { children: [] }, at) ?? blocked(settings).decide(request, { ...seen, children: [] }, at);
    case 'executing': {
      const observed = { workflow: world.workflow, children: of(world.workflow) };
      return always(request, observed, at) ?? executing(settings).decide(request, observed, at);
    }
    default:
      return ended(settings).decide(
        request,
        { children: [...of(analysis), ...of(world.workflow)], leases: fences?.leases ?? [], waiting: fences?.sameTarget ?? [] },
        at,
      );
  }
}

const createdRef = (index: number) => ({ apiVersion: 'v1', kind: 'Any', name: `created-${index}`, namespace: 'kubernaut-system', uid: `uid-${index}` });

/** The status as the API would store it, or the first thing that its schema has against it. */
function stored(request: RemediationRequest, decision: Decision): unknown {
  const refs = new Map(decision.effects.flatMap((effect, index) => (effect.kind === 'CreateResource' ? [[index, createdRef(index)] as const] : [])));
  const patch = fillCreated(patchOf(decision) ?? {}, refs);
  const merged: Record<string, unknown> = { ...request.status, ...patch };
  const present = Object.entries(merged).flatMap(([field, value]) => (value === null ? [] : [[field, withoutNulls(value)] as const]));
  return requestStatusSchema.safeParse(Object.fromEntries(present)).error?.issues[0];
}

function withoutNulls(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== null));
}

describe('whatever the world looks like', () => {
  it('something is decided, and it is one of the transitions of the specification, in a status that the API takes', () => {
    fc.assert(
      fc.property(anyWorld, (world) => {
        const decision = decide(world);
        const from = world.request.status?.phase ?? '';
        const to = patchOf(decision)?.['phase'] ?? from;
        expect([from, ...transitions[from]]).toContain(to);
        expect(stored(world.request, decision)).toBeUndefined();
        for (const seconds of decision.wakeAfterSeconds ?? []) expect(seconds).toBeGreaterThanOrEqual(5);
      }),
      { numRuns: 2_000 },
    );
  });

  it('the same world gives the same decision', () => {
    fc.assert(
      fc.property(anyWorld, (world) => {
        expect(decide(world)).toEqual(decide(world));
      }),
    );
  });

  it('a request ends with its time, its outcome or open results, its cleanup and its row, and never over a child that lives', () => {
    fc.assert(
      fc.property(anyWorld, (world) => {
        const decision = decide(world);
        const patch = patchOf(decision) ?? {};
        const to = patch['phase'];
        if (typeof to !== 'string' || !isTerminal(to)) return;
        expect(patch).toMatchObject({ completionTime: expect.any(String), cleanupScheduledAt: expect.any(String) });
        expect(patch['outcome'] !== undefined || patch['workflowResults'] !== undefined).toBe(true);
        expect(rowsOf(decision).some(({ type }) => type === `request.${to}`)).toBe(true);
        if (world.request.status?.phase !== 'executing') return;
        expect(isTerminal(world.workflow?.status?.phase ?? 'completed')).toBe(true);
      }),
      { numRuns: 1_000 },
    );
  });

  it('nothing acts that is not locked: a workflow is made only after a Lease for each of its targets', () => {
    fc.assert(
      fc.property(anyWorld, (world) => {
        const { effects } = decide(world);
        const workflow = effects.findIndex((effect) => effect.kind === 'CreateResource' && effect.object.kind === 'WorkflowExecution');
        if (workflow < 0) return;
        const lastLease = effects.findLastIndex((effect) => effect.kind === 'CreateResource' && effect.object.kind === 'Lease');
        const named = effects.findIndex(({ kind }) => kind === 'PatchStatus');
        expect([lastLease < workflow, workflow < named]).toEqual([true, true]);
        expect(world.fences?.leases.some(({ holderUid }) => holderUid !== 'rr1')).toBe(false);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('the room', () => {
  it('knows every phase of the kind', () => {
    expect(Object.keys(phases(settings)).toSorted()).toEqual([...RequestPhase].toSorted());
  });

  it('says of a request that the kernel fails what became of it, and when it may be deleted', () => {
    const status = requestRoom(settings).whenFailed?.(aRequestIn('analyzing'), now);
    expect(status).toEqual({ outcome: 'failed', cleanupScheduledAt: '2026-01-16T10:35:20Z', blockedBy: null });
  });
});
