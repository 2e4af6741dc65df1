import { describe, expect, it } from 'vitest';
import type { JsonObject, JsonValue } from '../../shared/api/json.ts';
import type { Subject } from './subject.ts';

function itemsOf(body: JsonValue, member: string): readonly JsonObject[] {
  const items = (body as JsonObject)[member];
  return Array.isArray(items) ? (items as readonly JsonObject[]) : [];
}

export function discovery(subject: () => Subject): void {
  const get = (path: string) => subject().send('GET', path);

  describe('discovery', () => {
    it('begins at /api and /apis', async () => {
      expect((await get('/api')).body).toMatchObject({ kind: 'APIVersions', versions: ['v1'] });
      const { body } = await get('/apis');
      expect(body).toMatchObject({ kind: 'APIGroupList' });
      const names = itemsOf(body, 'groups').map(({ name }) => name);
      expect(names).toEqual(
        expect.arrayContaining(['apps', 'batch', 'coordination.k8s.io', 'policy', 'rbac.authorization.k8s.io', 'remediation.kubernaut.io']),
      );
    });

    it.each([
      ['/api/v1', 'pods', { kind: 'Pod', namespaced: true, shortNames: ['po'] }],
      ['/api/v1', 'pods/log', { kind: 'Pod', verbs: ['get'] }],
      ['/api/v1', 'nodes', { kind: 'Node', namespaced: false, shortNames: ['no'] }],
      ['/api/v1', 'serviceaccounts/token', { kind: 'TokenRequest', group: 'authentication.k8s.io', verbs: ['create'] }],
      ['/apis/apps/v1', 'deployments', { kind: 'Deployment', shortNames: ['deploy'], categories: ['all'] }],
      ['/apis/apps/v1', 'deployments/scale', { kind: 'Scale', group: 'autoscaling', version: 'v1' }],
      ['/apis/batch/v1', 'jobs', { kind: 'Job', singularName: 'job' }],
      ['/apis/authorization.k8s.io/v1', 'subjectaccessreviews', { kind: 'SubjectAccessReview', namespaced: false, verbs: ['create'] }],
      ['/apis/remediation.kubernaut.io/v1', 'remediationrequests', { kind: 'RemediationRequest', shortNames: ['rr'], categories: ['kubernaut'] }],
      ['/apis/remediation.kubernaut.io/v1', 'remediationrequests/status', { kind: 'RemediationRequest', verbs: ['get', 'patch', 'update'] }],
    ])('of %s knows %s', async (path, name, resource) => {
      const { eventually } = subject();
      const answer = await eventually(
        () => get(path),
        ({ status }) => status === 200,
      );
      expect(answer.body).toMatchObject({
        kind: 'APIResourceList',
        resources: expect.arrayContaining([expect.objectContaining({ name, ...resource })]) as unknown,
      });
    });

    it('of a group names its versions, the preferred one apart', async () => {
      expect((await get('/apis/apps')).body).toMatchObject({ kind: 'APIGroup', name: 'apps', preferredVersion: { groupVersion: 'apps/v1', version: 'v1' } });
    });

    it('knows no group that is not served, and then speaks as any server does', async () => {
      expect(await get('/apis/nothing.example/v1/things')).toEqual({ status: 404, body: '404 page not found\n' });
      expect((await get('/apis/nothing.example/v1')).status).toBe(404);
      expect((await get('/apis/nothing.example')).status).toBe(404);
    });
  });

  describe('a server', () => {
    it('says its version, and that it is well', async () => {
      expect((await get('/version')).body).toMatchObject({ major: '1', gitVersion: expect.stringMatching(/^v1\.\d+/) as string });
      for (const probe of ['/healthz', '/livez', '/readyz']) expect(await get(probe)).toEqual({ status: 200, body: 'ok' });
    });

    it('tells what a PATCH of each kind may say, for kubectl apply', async () => {
      const { body } = await get('/openapi/v3');
      expect(typeof body === 'string' ? JSON.parse(body) : body).toMatchObject({
        paths: { 'api/v1': { serverRelativeURL: expect.any(String) as string }, 'apis/apps/v1': {} },
      });
    });
  });
}
