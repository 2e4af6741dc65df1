import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { requestKind } from '../../../infra/local/story/observe.ts';
import { kinds, KindName } from '../../../shared/api/kinds.ts';
import { startKubectl, type Command } from '../../support/kubectl.ts';
import { aRealStack, storyOf, type RealStack } from '../../support/real-stack.ts';
import { theKubectl } from '../../support/the-kubectl.ts';

const kubectl = await theKubectl();

let stack: RealStack;
let directory = '';
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'kubernaut-kubectl-'));
  stack = await aRealStack();
});
afterAll(async () => {
  await stack.stop();
  await rm(directory, { recursive: true, force: true });
});

interface Schema {
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly additionalProperties?: Schema | boolean;
}

/** `spec.target.kind`, … of each field below that says nothing of itself. */
function undescribed(schema: Schema, path: string): readonly string[] {
  const { properties = {}, items, additionalProperties } = schema;
  const fields = Object.entries(properties).flatMap(([name, field]) => {
    const place = `${path}.${name}`;
    return [...((field.description ?? '') === '' ? [place] : []), ...undescribed(field, place)];
  });
  const values = typeof additionalProperties === 'object' ? undescribed(additionalProperties, path) : [];
  return [...fields, ...(items === undefined ? [] : undescribed(items, path)), ...values];
}

async function servedSchema(kind: KindName): Promise<Schema> {
  const { body } = await stack.admin.send({ method: 'GET', path: `/openapi/v3/apis/${kinds[kind].apiVersion}` }, 10_000);
  const { schemas } = (body as unknown as { readonly components: { readonly schemas: Readonly<Record<string, Schema>> } }).components;
  const [, schema] = Object.entries(schemas).find(([name]) => name.endsWith(`.${kind}`)) ?? [];
  if (schema === undefined) throw new Error(`no schema of ${kind} is served`);
  return schema;
}

describe.each(KindName)('on a real control plane, the schema that is served of %s', (kind) => {
  it('says of each field of spec and status what it is', async () => {
    const { description, properties = {} } = await servedSchema(kind);
    expect(description).toMatch(/^[A-Z].*\.$/);
    const { spec, status } = properties;
    expect([spec?.description, status?.description]).toEqual([expect.stringMatching(/^[A-Z].*\.$/), expect.stringMatching(/^[A-Z].*\.$/)]);
    expect([...undescribed(spec ?? {}, 'spec'), ...undescribed(status ?? {}, 'status')]).toEqual([]);
  });
});

describe(`kubectl before a real control plane (${kubectl.version})`, () => {
  function start(...argv: readonly string[]): Command {
    const environment = { HOME: directory, KUBECONFIG: stack.kubeconfig, PATH: process.env['PATH'] ?? '' };
    return startKubectl(kubectl.path, ['--cache-dir', join(directory, 'cache'), ...argv], environment);
  }

  /** Fails with kubectl's own words. */
  async function said(...argv: readonly string[]): Promise<string> {
    const outcome = await start(...argv).outcome;
    expect(outcome, `kubectl ${argv.join(' ')}: ${outcome.stderr}`).toMatchObject({ code: 0 });
    return outcome.stdout;
  }

  /** Rows of a table, each as its cells; columns are two blanks apart at least. */
  async function table(...argv: readonly string[]): Promise<readonly (readonly string[])[]> {
    return (await said('get', ...argv))
      .trimEnd()
      .split('\n')
      .map((line) => line.split(/ {2,}/));
  }

  it.each(KindName)('explains %s', async (kind) => {
    const singular = kind.toLowerCase();
    const specs = await said('explain', `${singular}.spec`);
    expect(specs).toMatch(new RegExp(`^GROUP: +${kinds[kind].group}\\nKIND: +${kind}\\n`));
    expect(specs).toContain('FIELD: spec <Object>');
    expect(specs).not.toContain('<no description>');
    expect(await said('explain', `${singular}.status.message`)).toContain('Why it ended as it did, in a sentence.');
    expect(await said('explain', singular, '--recursive')).toMatch(/^ +status\t<Object>$/m);
  });

  it('waits until a remediation has succeeded', async () => {
    const playing = stack.play(storyOf('payment-api-memory'));
    await stack.eventually('there is a request', async () => (await stack.all(requestKind)).length > 0);
    const [request] = await stack.all(requestKind);
    const waiting = start('wait', '--for=condition=Succeeded', `remediationrequest/${request?.metadata.name ?? ''}`, '--timeout=120s');
    const workflows = start('wait', '--for=jsonpath={.status.phase}=completed', 'wf', '--all', '--timeout=120s');
    await workflows.outcome;
    const { code, stdout, stderr } = await waiting.outcome;
    expect({ code, stdout, stderr }).toEqual({
      code: 0,
      stdout: `remediationrequest.remediation.kubernaut.io/${request?.metadata.name ?? ''} condition met\n`,
      stderr: '',
    });
    await playing;
  });

  it.each<[short: string, columns: readonly string[], cells: readonly string[]]>([
    ['rr', ['PHASE', 'ALERT', 'TARGET', 'ACTION', 'OUTCOME', 'AGE'], ['completed', 'PodMemoryHigh', 'payment-api', 'scale_deployment']],
    ['rp', ['PHASE', 'TARGET', 'ENVIRONMENT', 'PRIORITY', 'AGE'], ['completed', 'payment-api', 'production', 'P0']],
    ['aia', ['PHASE', 'TOP', 'CONFIDENCE', 'PROVIDER', 'AGE'], ['completed', 'scale_deployment', '0.92', 'rules']],
    ['wf', ['PHASE', 'STEP', 'STEPS', 'RESULT', 'AGE'], ['completed', '1', '1', 'true']],
    [
      'ke',
      ['PHASE', 'ACTION', 'TARGET', 'JOB', 'AGE'],
      ['completed', 'scale_deployment', 'payment-api', expect.stringMatching(/^ke-scale-deployment-[0-9a-f]{8}$/)],
    ],
  ])('shows at a glance how a %s stands', async (short, columns, cells) => {
    const [heading = [], row = [], ...others] = await table(short);
    expect(others).toEqual([]);
    expect(heading).toEqual(['NAME', ...columns]);
    expect(row.slice(1, cells.length + 1)).toEqual(cells);
    expect((await table(short, '-o', 'wide'))[0]).toContain('REASON');
  });

  it('shows all five kinds by their category', async () => {
    const lines = (await said('get', 'kubernaut', '-o', 'name')).trim().split('\n');
    expect(lines.map((line) => line.split('.')[0] ?? '').toSorted()).toEqual(KindName.map((kind) => kind.toLowerCase()).toSorted());
  });

  it('tells by its events what a remediation did', async () => {
    const [request] = await stack.all(requestKind);
    const described = await said('describe', 'rr', request?.metadata.name ?? '');
    expect(described).toMatch(/Normal +RemediationStarted /);
    expect(described).toMatch(/Normal +RemediationCompleted .* Alert remediation workflow completed successfully: scale_deployment, 1 step in /);
  });
});
