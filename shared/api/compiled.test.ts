import * as fc from 'fast-check';
import * as z from 'zod';
import { describe, expect, it } from 'vitest';
import { notificationSchema } from '../queue/alert-message.ts';
import { analysisSpecSchema } from './ai-analysis.ts';
import { compiled } from './compiled.ts';
import { executionSpecSchema } from './kubernetes-execution.ts';
import { processingSpecSchema } from './remediation-processing.ts';
import { requestSpecSchema } from './remediation-request.ts';
import { workflowSpecSchema } from './workflow-execution.ts';
import { workflowStatusSchema } from './workflow-status.ts';
import { aNewObject, anUndecidedWorkflow } from '../../test/support/admission.ts';

const schemas: readonly (readonly [name: string, schema: z.ZodType, valid: unknown])[] = [
  ['a request', requestSpecSchema, aNewObject('RemediationRequest')['spec']],
  ['a processing', processingSpecSchema, aNewObject('RemediationProcessing')['spec']],
  ['an analysis', analysisSpecSchema, aNewObject('AIAnalysis')['spec']],
  ['a workflow', workflowSpecSchema, aNewObject('WorkflowExecution')['spec']],
  ['a workflow that waits', workflowStatusSchema, anUndecidedWorkflow()['status']],
  ['an execution', executionSpecSchema, aNewObject('KubernetesExecution')['spec']],
  [
    'a notification',
    notificationSchema,
    { version: '4', groupKey: 'g', alerts: [{ status: 'firing', labels: { a: 'b' }, startsAt: '2026-01-15T10:34:00+01:00' }] },
  ],
];

type Path = readonly (string | number)[];

/** Every place in a value, its own first. */
function pathsOf(value: unknown, at: Path = []): readonly Path[] {
  if (typeof value !== 'object' || value === null) return [at];
  return [at, ...Object.entries(value).flatMap(([key, member]) => pathsOf(member, [...at, Array.isArray(value) ? Number(key) : key]))];
}

function replaced(value: unknown, [key, ...rest]: Path, by: unknown): unknown {
  if (key === undefined) return by;
  const copy = (Array.isArray(value) ? [...(value as readonly unknown[])] : { ...(value as object) }) as Record<string | number, unknown>;
  copy[key] = replaced(copy[key], rest, by);
  return copy;
}

const odd = fc.oneof(
  fc.jsonValue(),
  fc.constantFrom<unknown>(undefined, '', 'x'.repeat(5_000), -1, 1.5, 2 ** 53, '2026-02-30T00:00:00Z', '5m', '16m', 'Not-A-Name', [], {}),
  fc.dictionary(fc.string(), fc.string()),
);

function afterManyUses(schema: z.ZodType): z.ZodType {
  const use = compiled(schema);
  for (let uses = 0; uses < 200; uses += 1) use();
  return use();
}

describe('a compiled schema', () => {
  it('is the schema itself at first, and another only after many uses', () => {
    const schema = z.object({ name: z.string() });
    expect(compiled(schema)()).toBe(schema);
    expect(afterManyUses(schema)).not.toBe(schema);
  });

  it.each(schemas)('takes, fills in and refuses what the schema itself does, in the same words: %s', (_name, schema, valid) => {
    const faster = afterManyUses(schema);
    expect(faster.safeParse(valid)).toEqual({ success: true, data: schema.parse(valid) });
    fc.assert(
      fc.property(fc.constantFrom(...pathsOf(valid)), odd, (path, by) => {
        const wrong = replaced(valid, path, by);
        const [found, expected] = [faster.safeParse(wrong), schema.safeParse(wrong)];
        expect(found.success ? found.data : found.error.issues).toEqual(expected.success ? expected.data : expected.error.issues);
      }),
      { numRuns: 500 },
    );
  });
});
