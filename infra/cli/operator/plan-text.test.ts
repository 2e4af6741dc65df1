import { describe, expect, it } from 'vitest';
import type { PlanReport } from './plan-report.ts';
import { differenceLines, planLines } from './plan-text.ts';

const report: PlanReport = {
  alert: { name: 'PodMemoryHigh', severity: 'critical', fingerprint: 'f', firingSince: '2026-01-15T10:34:00Z' },
  verdict: 'would_act',
  message: 'Suggested scale_deployment',
  target: 'Deployment production/payment-api',
  environment: 'production',
  priority: 'P0',
  cause: 'memory limits are too low',
  findings: [{ detector: 'oom-killed', confidence: 0.92, summary: '3 of 3 pods were killed' }],
  investigator: 'rules',
  action: 'scale_deployment',
  confidence: 0.92,
  reasons: ['finding memory-pressure'],
  alternatives: ['Increase memory limit'],
  rejected: [{ action: 'restart_pod', reason: 'low_confidence', message: '0.4 is below 0.6' }],
  mode: 'sequential',
  digest: 'sha256:1',
  steps: [
    {
      name: 'scale',
      action: 'scale_deployment',
      parameters: { replicas: 5 },
      dependencies: [],
      command: ['kubectl', 'scale', 'deployment', 'payment-api', '--replicas=5', '{"a b"}'],
      serviceAccount: 'scale-deployment-sa',
      undo: { action: 'scale_deployment', parameters: { replicas: 3 } },
      dryRun: 'deployment.apps/payment-api scaled (dry run)',
      changes: [{ object: 'Deployment production/payment-api', kind: 'changed', fields: [{ field: 'spec.replicas', before: 3, after: 5 }] }],
    },
  ],
  approval: ['confidence 0.7 is below 0.8'],
  heldBy: { reason: 'cooldown', message: 'rr-0 ended', until: '2026-01-15T10:40:00Z' },
  absorbedBy: 'rr-1',
  notChecked: ['free capacity'],
};

const nothingKnown: PlanReport = {
  ...report,
  cause: null,
  findings: [],
  investigator: null,
  action: null,
  confidence: null,
  reasons: [],
  alternatives: [],
  rejected: [],
  mode: null,
  digest: null,
  steps: [],
  approval: [],
  heldBy: null,
  absorbedBy: null,
  notChecked: [],
};

describe('a plan for people', () => {
  it('says what, why, how it differs, who is asked, what holds it, and that nothing was changed', () => {
    expect(planLines(report, { colour: false })).toEqual([
      'PodMemoryHigh (critical), firing since 2026-01-15T10:34:00Z',
      '  target     Deployment production/payment-api, production, P0',
      '  cause      memory limits are too low',
      '  found      3 of 3 pods were killed (oom-killed, 0.92)',
      '  asked      rules',
      '  chosen     scale_deployment, confidence 0.92',
      '             - finding memory-pressure',
      '  or else    Increase memory limit',
      '  not taken  restart_pod: low_confidence: 0.4 is below 0.6',
      '  step 1     scale: scale_deployment replicas=5',
      '             dry run: deployment.apps/payment-api scaled (dry run)',
      '             --- Deployment production/payment-api',
      '             +++ Deployment production/payment-api, after',
      '             - spec.replicas: 3',
      '             + spec.replicas: 5',
      `             runs: kubectl scale deployment payment-api --replicas=5 '{"a b"}' (as scale-deployment-sa)`,
      '             undone by: scale_deployment replicas=3',
      '  approval   a person would be asked: confidence 0.7 is below 0.8',
      '  held by    cooldown: rr-0 ended, until 2026-01-15T10:40:00Z',
      '             rr-1, which runs for this alert already and would count it',
      '  digest     sha256:1',
      '  unknown    free capacity',
      '  verdict    it would act once it is not held any more: every step passed every check; nothing was changed',
    ]);
  });

  it.each<[PlanReport['verdict'], string]>([
    ['nothing_to_do', '  verdict    nothing would be done: no action survived'],
    ['would_fail', '  verdict    it would fail before it acts: no action survived'],
  ])('that comes to %s says only what is known', (verdict, line) => {
    expect(planLines({ ...nothingKnown, verdict, message: 'no action survived' }, { colour: false })).toEqual([
      'PodMemoryHigh (critical), firing since 2026-01-15T10:34:00Z',
      '  target     Deployment production/payment-api, production, P0',
      line,
    ]);
  });
});

describe('a step for people', () => {
  it('says that it cannot be undone, and nothing of what is not known', () => {
    const [step] = report.steps;
    const shown = (overrides: Partial<PlanReport['steps'][number]>) =>
      planLines({ ...report, steps: step === undefined ? [] : [{ ...step, ...overrides }] }, { colour: false }).filter((line) => /undone|runs:/.test(line));
    expect(shown({ undo: null }).at(-1)).toBe('             cannot be undone');
    expect(shown({ command: [], serviceAccount: '', undo: null })).toEqual([]);
  });
});

describe('a difference for people', () => {
  const object = 'ConfigMap production/app-config';

  it.each<[string, Parameters<typeof differenceLines>[0], readonly string[]]>([
    ['a deletion', { object, kind: 'deleted', fields: [] }, [`- ${object}`]],
    ['no change', { object, kind: 'changed', fields: [] }, [`  ${object}: no field changes`]],
    ['a refusal, which the dry run told', { object, kind: 'refused', fields: [] }, []],
    [
      'text of several lines',
      { object, kind: 'changed', fields: [{ field: 'data.a', before: null, after: 'x\ny' }] },
      [`--- ${object}`, `+++ ${object}, after`, '+ data.a: "x\\ny"'],
    ],
  ])('shows %s', (_sentence, change, lines) => {
    expect(differenceLines(change, false)).toEqual(lines);
  });

  it('is coloured on a terminal', () => {
    expect(differenceLines({ object, kind: 'deleted', fields: [] }, true)).toEqual([`\u001B[31m- ${object}\u001B[39m`]);
  });
});
