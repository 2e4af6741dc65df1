import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  analysisName,
  executionLabel,
  executionName,
  isDnsLabel,
  isDnsSubdomain,
  jobName,
  labelSchema,
  labelValue,
  leaseName,
  nameSchema,
  processingName,
  requestName,
  resolvedLeaseName,
  rollbackExecutionName,
  serviceAccountName,
  workflowName,
} from './names.ts';

const uid = '1a2b3c4d-0000-4000-8000-000000000000';
const aLabel = fc.stringMatching(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/);
const aName = fc.array(aLabel, { minLength: 1, maxLength: 4 }).map((labels) =>
  labels
    .join('.')
    .slice(0, 253)
    .replace(/[^a-z0-9]+$/, ''),
);

describe('derived names', () => {
  it.each([
    [requestName('a1b2c3d4e5f6', '0a1b2c'), 'rr-a1b2c3d4e5f6-0a1b2c'],
    [processingName('rem-req-abc123'), 'rem-req-abc123-processing'],
    [analysisName('rem-req-abc123'), 'rem-req-abc123-analysis'],
    [workflowName('rem-req-abc123'), 'rem-req-abc123-workflow'],
    [executionName('rem-req-abc123-workflow', 'scale-deployment'), 'rem-req-abc123-workflow-scale-deployment'],
    [rollbackExecutionName('rem-req-abc123-workflow', 'scale-deployment'), 'rem-req-abc123-workflow-scale-deployment-rollback'],
    [serviceAccountName('scale_deployment'), 'scale-deployment-sa'],
    [jobName('scale_deployment', uid), 'ke-scale-deployment-1a2b3c4d'],
    [leaseName('0123456789abcdef'), 'target-0123456789abcdef'],
    [resolvedLeaseName('rr-a1b2c3d4e5f6-0a1b2c'), 'resolved-a1b2c3d4e5f6-0a1b2c'],
  ])('%s', (name, expected) => {
    expect(name).toBe(expected);
  });

  it('fit their bounds, whatever they are made of', () => {
    fc.assert(
      fc.property(aName, aLabel, fc.uuid(), (owner, step, someUid) => {
        const names = [processingName(owner), analysisName(owner), workflowName(owner), executionName(owner, step), rollbackExecutionName(owner, step)];
        expect([...names, resolvedLeaseName(owner)].filter((name) => !isDnsSubdomain(name))).toEqual([]);
        expect(isDnsLabel(jobName(step.replaceAll('-', '_'), someUid))).toBe(true);
        expect(executionLabel(executionName(owner, step), someUid).length).toBeLessThanOrEqual(63);
      }),
    );
  });

  it('stay apart when they are cut', () => {
    const owner = 'a'.repeat(250);
    expect(executionName(owner, 'one')).not.toBe(executionName(owner, 'two'));
    expect(executionName(owner, 'one')).toHaveLength(253);
    expect(jobName('a'.repeat(63), uid)).toBe(`ke-${'a'.repeat(51)}-1a2b3c4d`);
  });
});

describe('labels', () => {
  it('hold the name of an execution, or its beginning and its uid', () => {
    expect(executionLabel('x'.repeat(63), uid)).toBe('x'.repeat(63));
    expect(executionLabel('x'.repeat(64), uid)).toBe(`${'x'.repeat(54)}-1a2b3c4d`);
  });

  it.each([
    ['HighMemory', 'HighMemory'],
    ['Disk full: /var', 'Disk-full---var'],
    ['__x__', 'x'],
    ['ä', ''],
    ['', ''],
    [`${'a'.repeat(62)}--`, 'a'.repeat(62)],
  ])('%j becomes %j', (text, value) => {
    expect(labelValue(text)).toBe(value);
  });

  it('are what the API takes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 100 }), (text) => {
        expect(labelValue(text)).toMatch(/^(([A-Za-z0-9][-A-Za-z0-9_.]{0,61})?[A-Za-z0-9])?$/);
      }),
    );
  });
});

describe('DNS names', () => {
  it.each([
    ['payment-api', true, true],
    ['a.b-c.d', false, true],
    ['a'.repeat(63), true, true],
    ['a'.repeat(64), false, true],
    ['a'.repeat(254), false, false],
    ['-a', false, false],
    ['a-', false, false],
    ['A', false, false],
    ['a..b', false, false],
    ['', false, false],
    ['a\n', false, false],
  ])('%j is a label: %s, a subdomain: %s', (text, label, subdomain) => {
    expect([isDnsLabel(text), isDnsSubdomain(text)]).toEqual([label, subdomain]);
    expect([labelSchema.safeParse(text).success, nameSchema.safeParse(text).success]).toEqual([label, subdomain]);
  });
});
