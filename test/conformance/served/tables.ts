import { beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../shared/api/json.ts';
import { configMap, deployment, job, pod } from '../objects.ts';
import { objectAt } from '../subject.ts';
import type { ServedSubject } from './subject.ts';

/** As kubectl asks: a Table, else the thing itself. */
const wantsTable = { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json' };

interface Table {
  readonly kind: string;
  readonly metadata: JsonObject;
  readonly columnDefinitions: readonly { readonly name: string; readonly priority: number }[];
  readonly rows: readonly { readonly cells: readonly unknown[]; readonly object: JsonObject }[];
}

export function tables(subject: () => ServedSubject): void {
  const tableOf = async (plural: string, groupVersion?: string, query = ''): Promise<Table> => {
    const { call, path } = subject();
    const answer = await call(`${path(plural, groupVersion)}${query}`, { headers: wantsTable });
    expect(answer).toMatchObject({ status: 200 });
    expect(answer.headers['content-type']).toMatch(/^application\/json/);
    return JSON.parse(answer.text) as Table;
  };
  const headings = ({ columnDefinitions }: Table, wide = false): readonly string[] =>
    columnDefinitions.filter(({ priority }) => wide || priority === 0).map(({ name }) => name);
  const cell = (table: Table, name: string): unknown => {
    const index = table.columnDefinitions.findIndex((column) => column.name === name);
    return table.rows[0]?.cells[index];
  };

  beforeAll(async () => {
    const { send, patch, path } = subject();
    for (const name of ['tabled', 'untold']) await send('POST', path('configmaps'), configMap(name, { a: '1', b: '2' }));
    await send('POST', path('secrets'), { metadata: { name: 'tabled' }, stringData: { a: 'x' } });
    await send('POST', path('serviceaccounts'), { metadata: { name: 'tabled' } });
    await send('POST', path('leases', 'coordination.k8s.io/v1'), { metadata: { name: 'tabled' }, spec: { holderIdentity: 'me' } });
    await send('POST', path('jobs', 'batch/v1'), job('tabled'));
    await send('POST', path('deployments', 'apps/v1'), { ...deployment('tabled', 0) });
    await send(
      'POST',
      path('pods'),
      pod(
        'tabled',
        {},
        {
          schedulerName: 'nobody',
          containers: [
            { name: 'a', image: 'a:1' },
            { name: 'b', image: 'b:1' },
          ],
        },
      ),
    );
    const involvedObject = { apiVersion: 'v1', kind: 'Pod', name: 'tabled', namespace: subject().namespace };
    await send('POST', path('events'), { metadata: { name: 'tabled.1' }, involvedObject, type: 'Warning', reason: 'Tabled', message: 'said so', count: 3 });
    await patch('merge', path('jobs/tabled/status', 'batch/v1'), { metadata: { annotations: { seen: 'yes' } } });
  });

  describe('a Table', () => {
    it.each<[plural: string, groupVersion: string | undefined, columns: readonly string[]]>([
      ['pods', undefined, ['Name', 'Ready', 'Status', 'Restarts', 'Age']],
      ['configmaps', undefined, ['Name', 'Data', 'Age']],
      ['secrets', undefined, ['Name', 'Type', 'Data', 'Age']],
      ['events', undefined, ['Last Seen', 'Type', 'Reason', 'Object', 'Message']],
      ['deployments', 'apps/v1', ['Name', 'Ready', 'Up-to-date', 'Available', 'Age']],
      ['replicasets', 'apps/v1', ['Name', 'Desired', 'Current', 'Ready', 'Age']],
      ['jobs', 'batch/v1', ['Name', 'Status', 'Completions', 'Duration', 'Age']],
      ['leases', 'coordination.k8s.io/v1', ['Name', 'Holder', 'Age']],
      ['poddisruptionbudgets', 'policy/v1', ['Name', 'Min Available', 'Max Unavailable', 'Allowed Disruptions', 'Age']],
      ['resourcequotas', undefined, ['Name', 'Request', 'Limit', 'Age']],
      ['rolebindings', 'rbac.authorization.k8s.io/v1', ['Name', 'Role', 'Age']],
      ['remediationrequests', 'remediation.kubernaut.io/v1', ['Name', 'PHASE', 'ALERT', 'TARGET', 'ACTION', 'OUTCOME', 'AGE']],
    ])('of %s has its columns', async (plural, groupVersion, columns) => {
      const table = await tableOf(plural, groupVersion);
      expect(table.kind).toBe('Table');
      expect(headings(table)).toEqual(columns);
    });

    it('has more columns that are shown when they are asked for', async () => {
      expect(headings(await tableOf('pods'), true)).toEqual(['Name', 'Ready', 'Status', 'Restarts', 'Age', 'IP', 'Node', 'Nominated Node', 'Readiness Gates']);
      expect(headings(await tableOf('deployments', 'apps/v1'), true)).toEqual([
        'Name',
        'Ready',
        'Up-to-date',
        'Available',
        'Age',
        'Containers',
        'Images',
        'Selector',
      ]);
      expect(headings(await tableOf('jobs', 'batch/v1'), true)).toEqual([
        'Name',
        'Status',
        'Completions',
        'Duration',
        'Age',
        'Containers',
        'Images',
        'Selector',
      ]);
    });

    it.each<[plural: string, groupVersion: string | undefined, cells: Readonly<Record<string, unknown>>]>([
      ['pods/tabled', undefined, { Name: 'tabled', Ready: '0/2', Status: 'Pending', Restarts: '0', IP: '<none>', Node: '<none>' }],
      ['configmaps/tabled', undefined, { Name: 'tabled', Data: 2 }],
      ['secrets/tabled', undefined, { Type: 'Opaque', Data: 1 }],
      ['leases/tabled', 'coordination.k8s.io/v1', { Holder: 'me' }],
      ['jobs/tabled', 'batch/v1', { Status: 'Suspended', Completions: '0/1', Containers: 'app' }],
      ['deployments/tabled', 'apps/v1', { Ready: '0/0', Available: 0, Containers: 'app,sidecar', Selector: 'app=tabled' }],
      ['events/tabled.1', undefined, { Type: 'Warning', Reason: 'Tabled', Object: 'pod/tabled', Message: 'said so', Count: 3 }],
    ])('of %s says what it is', async (plural, groupVersion, cells) => {
      await subject().eventually(
        () => subject().send('GET', subject().path('jobs/tabled', 'batch/v1')),
        ({ body }) => JSON.stringify(objectAt(body, 'status')).includes('Suspended'),
      );
      const table = await tableOf(plural, groupVersion);
      expect(table.rows).toHaveLength(1);
      for (const [name, value] of Object.entries(cells)) expect([name, cell(table, name)]).toEqual([name, value]);
    });

    it('carries of each object its metadata, and the whole of it when that is asked for', async () => {
      const [row] = (await tableOf('configmaps/tabled')).rows;
      expect(row?.object).toMatchObject({ kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: { name: 'tabled' } });
      expect(row?.object).not.toHaveProperty('data');
      const [whole] = (await tableOf('configmaps/tabled', undefined, '?includeObject=Object')).rows;
      expect(whole?.object).toMatchObject({ kind: 'ConfigMap', data: { a: '1' } });
      const [none] = (await tableOf('configmaps/tabled', undefined, '?includeObject=None')).rows;
      expect(none?.object ?? null).toBeNull();
    });

    it('comes in pages, with the version of the list', async () => {
      const table = await tableOf('configmaps', undefined, '?limit=1');
      expect(table.rows).toHaveLength(1);
      expect(table.metadata).toMatchObject({ continue: expect.any(String) as string, resourceVersion: expect.stringMatching(/^\d+$/) as string });
    });

    it('is not given to who asks for plain JSON, nor in the place of an error', async () => {
      const { call, path } = subject();
      expect(JSON.parse((await call(path('configmaps/tabled'))).text)).toMatchObject({ kind: 'ConfigMap' });
      const missing = await call(path('configmaps/absent'), { headers: wantsTable });
      expect(missing.status).toBe(404);
      expect(JSON.parse(missing.text)).toMatchObject({ kind: 'Status', reason: 'NotFound' });
    });

    it('is what each event of a watch tells, the columns with the first', async () => {
      const { call, path } = subject();
      const query = '?watch=true&fieldSelector=metadata.name%3Dtabled&timeoutSeconds=1';
      const { text } = await call(`${path('configmaps')}${query}`, { headers: wantsTable });
      const [event] = text
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as { readonly type: string; readonly object: Table });
      expect(event).toMatchObject({ type: 'ADDED', object: { kind: 'Table', rows: [{ cells: ['tabled', 2, expect.any(String) as string] }] } });
      expect(headings(event?.object ?? { kind: '', metadata: {}, columnDefinitions: [], rows: [] })).toEqual(['Name', 'Data', 'Age']);
    });
  });
}
