import { describe, expect, it } from 'vitest';
import type { RecommendedStep, Recommendation } from '../../shared/api/recommendation.ts';
import { aDeployment } from '../../test/support/actions.ts';
import { aDraft, aFinding, anAnalysisWith } from '../../test/support/analyses.ts';
import { draftsOf } from './draft.ts';
import { judge, keyText, targetsOf, type FoundTarget, type Judged, type Targets } from './validate.ts';

const payment = aDeployment(); // 3 replicas
const deploymentKey = (name: string) => keyText({ apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'production', name });
const podKey = (name: string) => keyText({ apiVersion: 'v1', kind: 'Pod', namespace: 'production', name });
const pod = (owned: boolean) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name: 'p-1',
    namespace: 'production',
    uid: 'p1',
    ...(owned && { ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'r', uid: 'r1', controller: true }] }),
  },
});
const world = (targets: Readonly<Record<string, FoundTarget>> = {}): Targets =>
  new Map(Object.entries({ [deploymentKey('payment-api')]: payment, [podKey('p-1')]: pod(true), ...targets }));

function judged(draft: Partial<Recommendation> = {}, targets: Targets = world(), findings = [aFinding()]): Judged {
  const analysis = anAnalysisWith('analyzing', [aDraft(draft)], { status: { investigation: { findings } } });
  const [only] = draftsOf(analysis);
  if (only === undefined) throw new Error('no draft');
  return judge(only, analysis, targets);
}
const scale = (parameters: Readonly<Record<string, string | number>>) => ({
  parameters: { deployment: 'payment-api', namespace: 'production', ...parameters },
});
const step = (name: string, action: string, parameters: RecommendedStep['parameters']): RecommendedStep => ({ name, action, parameters, dependencies: [] });
const scaleStep = step('scale', 'scale_deployment', { deployment: 'payment-api', namespace: 'production', replicas: 5 });
const restartStep = step('restart', 'restart_pod', { namespace: 'production', pod: 'p-1' });

describe('judge', () => {
  it.each<[sentence: string, draft: Partial<Recommendation>, targets: Targets, safetyLevel: string]>([
    ['growing is safe', scale({ targetReplicas: 5 }), world(), 'safe'],
    ['shrinking is moderate', scale({ targetReplicas: 2 }), world(), 'moderate'],
    ['scaling to nothing is dangerous', scale({ targetReplicas: 0 }), world(), 'dangerous'],
    ['restarting a pod with a controller is moderate', { action: 'restart_pod', parameters: { namespace: 'production', pod: 'p-1' } }, world(), 'moderate'],
    [
      'restarting a bare pod is dangerous',
      { action: 'restart_pod', parameters: { namespace: 'production', pod: 'p-1' } },
      world({ [podKey('p-1')]: pod(false) }),
      'dangerous',
    ],
    ['several steps are as dangerous as the worst', { steps: [scaleStep, restartStep] }, world(), 'moderate'],
  ])('%s', (_sentence, draft, targets, safetyLevel) => {
    expect(judged(draft, targets)).toMatchObject({ kind: 'consistent', recommendation: { safetyLevel } });
  });

  it.each<[sentence: string, said: Readonly<Record<string, number>>]>([
    ['a lie about them', { currentReplicas: 400 }],
    ['silence about them', {}],
  ])('reads how many replicas there are, whatever it was told: %s', (_sentence, said) => {
    expect(judged(scale({ targetReplicas: 5, ...said }))).toMatchObject({ recommendation: { parameters: { currentReplicas: 3, targetReplicas: 5 } } });
  });

  it('reads them for every step too', () => {
    expect(judged({ steps: [restartStep, scaleStep], action: 'scale_deployment' })).toMatchObject({
      recommendation: { steps: [{ parameters: { pod: 'p-1' } }, { parameters: { replicas: 5, currentReplicas: 3 } }] },
    });
  });

  it.each<[sentence: string, draft: Partial<Recommendation>, reason: string, message: string]>([
    [
      'an unknown action',
      { action: 'scale_deploymnt' },
      'unknown_action',
      'action: scale_deploymnt is no action of the catalogue: did you mean scale_deployment?',
    ],
    ['an action without its template', { action: 'custom_script' }, 'action_not_enabled', 'action: custom_script is not enabled'],
    ['an action in words for a shell', { action: 'kubectl delete ns; #' }, 'unknown_action', 'action: this name is no action of the catalogue'],
    ['a missing parameter', { parameters: { deployment: 'payment-api', namespace: 'production' } }, 'invalid_parameters', 'parameters.replicas: is missing'],
    [
      'an extra parameter',
      scale({ targetReplicas: 5, replica: 5 }),
      'invalid_parameters',
      'parameters.replica: is no parameter of scale_deployment: did you mean replicas?',
    ],
    [
      'a value that looks like a flag',
      scale({ targetReplicas: 5, deployment: '--all' }),
      'invalid_parameters',
      'parameters.deployment: must be the name of a Deployment',
    ],
    ['a parameter that leaves its place', scale({ targetReplicas: 5, deployment: '../../secrets/db' }), 'invalid_parameters', 'parameters.deployment: must be'],
    [
      'a protected namespace',
      scale({ targetReplicas: 5, namespace: 'kube-system' }),
      'protected_namespace',
      'parameters.namespace: must be none of kube-system',
    ],
    ['a target that is not there', scale({ targetReplicas: 5, deployment: 'payment' }), 'too_many_targets', 'parameters: only the first 40'],
    [
      'a second step with a mistake',
      { steps: [scaleStep, step('b', 'restart_pod', { namespace: 'production' })] },
      'invalid_parameters',
      'steps[1].parameters.pod: is missing',
    ],
    ['a second step of no action', { steps: [scaleStep, step('b', 'reboot', {})] }, 'unknown_action', 'steps[1].action: reboot is no action'],
    ['a title that is none of its steps', { action: 'patch_configmap', steps: [scaleStep] }, 'invalid_steps', 'action: must be the action of one of its steps'],
    ['a plan that could do without all of it', { steps: [{ ...scaleStep, criticalStep: false }] }, 'invalid_steps', 'steps: at least one must be critical'],
  ])('rejects %s', (_sentence, draft, reason, message) => {
    expect(judged(draft)).toEqual({
      kind: 'rejected',
      rejected: { action: draft.action ?? 'scale_deployment', reason, message: expect.stringContaining(message) },
    });
  });

  it.each<[sentence: string, found: FoundTarget, reason: string, message: string]>([
    ['does not exist', 'absent', 'target_not_found', 'parameters: Deployment production/payment-api does not exist'],
    ['may not be read', 'unreadable', 'target_unreadable', 'parameters: Deployment production/payment-api may not be read'],
  ])('rejects a target that %s', (_sentence, found, reason, message) => {
    expect(judged({}, world({ [deploymentKey('payment-api')]: found }))).toMatchObject({ rejected: { reason, message } });
  });

  it.each<[sentence: string, reasons: readonly string[], evidence: boolean]>([
    ['no finding', [], true],
    ['a finding that nobody found', ['finding memory-leak'], true],
    ['a finding without evidence', ['finding memory-pressure'], false],
  ])('rejects what only %s speaks for', (_sentence, reasons, evidence) => {
    const findings = evidence ? [aFinding()] : [aFinding({ evidence: [] })];
    expect(judged({ reasons }, world(), findings)).toMatchObject({ rejected: { reason: 'no_evidence', message: 'no finding with evidence speaks for it' } });
  });
});

describe('targetsOf', () => {
  const targets = (...drafts: readonly Partial<Recommendation>[]) => targetsOf(draftsOf(anAnalysisWith('analyzing', drafts.map(aDraft)))).map(keyText);

  it('names each target once, and none of what is no action or protected', () => {
    expect(targets({}, {}, { action: 'reboot' }, scale({ targetReplicas: 1, namespace: 'kube-system' }), { steps: [scaleStep, restartStep] })).toEqual([
      deploymentKey('payment-api'),
      podKey('p-1'),
    ]);
  });

  it('names forty at most', () => {
    const steps = Array.from({ length: 20 }, (_, index) => index);
    const many = [0, 1, 2].map((draft) => ({
      action: 'restart_pod',
      steps: steps.map((index) => step(`s${index}`, 'restart_pod', { namespace: 'production', pod: `p-${draft}-${index}` })),
    }));
    expect(targets(...many)).toHaveLength(40);
  });
});
