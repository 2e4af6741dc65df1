import { describe, expect, it } from 'vitest';
import { parseEnvironment } from '../../shared/environment.ts';
import { settingsFrom } from './settings.ts';

const from = (variables: Readonly<Record<string, string>> = {}) =>
  settingsFrom(parseEnvironment({ KUBERNAUT_QUEUE_URL_PREFIX: 'http://localhost/', ...variables }, []));

describe('settings', () => {
  it('are the documented defaults when the operator says nothing', () => {
    expect(from()).toEqual({
      cluster: 'primary-cluster',
      namespace: 'kubernaut-system',
      overallTimeoutSeconds: 3_600,
      retentionSeconds: 86_400,
      cooldownSeconds: 300,
      approvalTimeoutSeconds: 900,
      monitoringSeconds: 60,
      maxParallelSteps: 5,
      provider: 'rules',
      constraints: { minConfidence: 0.6, approvalBelowConfidence: 0.8, maxReplicas: 1_000, maxScaleFactor: 3, maxScaleStep: 20 },
    });
  });

  it('name the provider that is asked first', () => {
    expect(from({ KUBERNAUT_ANALYSIS_PROVIDER: 'holmes, rules' }).provider).toBe('holmes');
  });

  it('refuse a provider that is no name, and say what to write', () => {
    expect(() => from({ KUBERNAUT_ANALYSIS_PROVIDER: 'Holmes GPT' })).toThrow(/KUBERNAUT_ANALYSIS_PROVIDER: must name providers by lower-case letters/);
  });
});
