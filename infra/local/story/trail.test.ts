import { expect, it } from 'vitest';
import { createTrailRecorder, trailLine } from './trail.ts';

const begun = '2026-01-15T10:34:00Z';

function object(kind: string, name: string, request: string) {
  const labels = { 'kubernaut.io/remediation-request': request };
  return { apiVersion: 'v1', kind, metadata: { name, uid: name, labels }, status: { phase: 'executing' } };
}

it('a trail numbers its remediations as they are first seen, and calls all that belongs to one by its number', () => {
  const recorder = createTrailRecorder();
  const changes = [
    object('RemediationRequest', 'rr-b', 'rr-b'),
    object('RemediationRequest', 'rr-a', 'rr-a'),
    object('KubernetesExecution', 'rr-a-workflow-scale', 'rr-a'),
    object('WorkflowExecution', 'rr-b-workflow', 'rr-b'),
  ];
  for (const change of changes) recorder.note(change, begun);
  const lines = recorder.steps.map((step) => trailLine(step, begun));
  expect(lines.map((line) => line.replaceAll(/ +/g, ' '))).toEqual([
    '+00:00 rr "" → executing',
    '+00:00 rr-2 "" → executing',
    '+00:00 ke-2/scale "" → executing',
    '+00:00 wf "" → executing',
  ]);
});
