import { beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject, JsonValue } from '../../shared/api/json.ts';
import { granted } from './rbac.ts';
import { objectAt, type Subject } from './subject.ts';

const base = '/apis/authorization.k8s.io/v1';

export function accessReviews(subject: () => Subject): void {
  const review = (spec: JsonObject) =>
    subject().send('POST', `${base}/subjectaccessreviews`, { apiVersion: 'authorization.k8s.io/v1', kind: 'SubjectAccessReview', spec });
  const asked = async (attributes: JsonObject, user = subject().account('reviewed')): Promise<JsonValue | undefined> =>
    objectAt((await review({ user, resourceAttributes: { namespace: subject().namespace, ...attributes } })).body, 'status')['allowed'];

  beforeAll(async () => {
    await granted(subject(), 'reviewed', [
      { apiGroups: [''], resources: ['configmaps'], resourceNames: ['mine'], verbs: ['get'] },
      { apiGroups: ['apps'], resources: ['deployments/scale'], verbs: ['patch'] },
      { apiGroups: [''], resources: ['pods'], verbs: ['get', 'delete'] },
    ]);
    await subject().eventually(
      () => review({ user: subject().account('reviewed'), resourceAttributes: { namespace: subject().namespace, verb: 'get', resource: 'pods' } }),
      ({ body }) => objectAt(body, 'status')['allowed'] === true,
    );
  });

  describe('an access review', () => {
    it.each<[sentence: string, attributes: JsonObject, allowed: boolean]>([
      ['allows what a role does', { verb: 'delete', resource: 'pods', name: 'any' }, true],
      ['denies another verb', { verb: 'create', resource: 'pods' }, false],
      ['denies another group', { verb: 'delete', group: 'apps', resource: 'pods' }, false],
      ['denies another namespace', { verb: 'delete', resource: 'pods', namespace: 'elsewhere' }, false],
      ['denies the whole cluster', { verb: 'delete', resource: 'pods', namespace: '' }, false],
      ['allows a subresource by its name', { verb: 'patch', group: 'apps', resource: 'deployments', subresource: 'scale' }, true],
      ['denies the resource where only its subresource is granted', { verb: 'patch', group: 'apps', resource: 'deployments' }, false],
      ['allows the name that is granted', { verb: 'get', resource: 'configmaps', name: 'mine' }, true],
      ['denies another name', { verb: 'get', resource: 'configmaps', name: 'yours' }, false],
      ['denies all names where one is granted', { verb: 'get', resource: 'configmaps' }, false],
      ['asks of resources that are not served, too', { verb: 'get', group: 'nothing.example', resource: 'things' }, false],
    ])('%s', async (_sentence, attributes, allowed) => {
      expect(await asked(attributes)).toBe(allowed);
    });

    it('is created, keeps what was asked, and says by which binding', async () => {
      const { account, namespace } = subject();
      const resourceAttributes = { namespace, verb: 'get', resource: 'pods' };
      const reason = `RBAC: allowed by RoleBinding "reviewed/${namespace}" of Role "reviewed" to ServiceAccount "reviewed/${namespace}"`;
      expect(await review({ user: account('reviewed'), resourceAttributes })).toMatchObject({
        status: 201,
        body: { kind: 'SubjectAccessReview', spec: { user: account('reviewed'), resourceAttributes }, status: { allowed: true, reason } },
      });
    });

    it('of an administrator’s group allows everything', async () => {
      const { body } = await review({ user: 'anyone', groups: ['system:masters'], resourceAttributes: { verb: '*', group: '*', resource: '*' } });
      expect(body).toMatchObject({ status: { allowed: true } });
    });

    it('asks of paths', async () => {
      const path = async (at: string) => (await review({ user: 'a', groups: ['system:authenticated'], nonResourceAttributes: { path: at, verb: 'get' } })).body;
      expect(await path('/healthz')).toMatchObject({ status: { allowed: true } });
      expect(await path('/metrics')).toMatchObject({ status: { allowed: false } });
    });

    it.each<[sentence: string, spec: JsonObject, field: string]>([
      ['nobody', { resourceAttributes: { verb: 'get', resource: 'pods' } }, 'spec.user'],
      ['nothing', { user: 'a' }, 'spec.resourceAttributes'],
      [
        'two things at once',
        { user: 'a', resourceAttributes: { verb: 'get' }, nonResourceAttributes: { path: '/', verb: 'get' } },
        'spec.nonResourceAttributes',
      ],
    ])('about %s is refused', async (_sentence, spec, field) => {
      expect(await review(spec)).toMatchObject({ status: 422, body: { reason: 'Invalid', details: { causes: [{ field }] } } });
    });

    it('is a permission of its own, and one’s own access is everyone’s to ask', async () => {
      const { as, account, namespace } = subject();
      const spec = { resourceAttributes: { namespace, verb: 'get', resource: 'pods' } };
      expect((await as(account('reviewed')).send('POST', `${base}/subjectaccessreviews`, { spec: { ...spec, user: 'a' } })).status).toBe(403);
      const own = await as(account('reviewed')).send('POST', `${base}/selfsubjectaccessreviews`, { spec });
      expect(own).toMatchObject({ status: 201, body: { kind: 'SelfSubjectAccessReview', status: { allowed: true } } });
      const denied = { resourceAttributes: { namespace, verb: 'list', resource: 'pods' } };
      expect((await as(account('reviewed')).send('POST', `${base}/selfsubjectaccessreviews`, { spec: denied })).body).toMatchObject({
        status: { allowed: false },
      });
    });
  });
}
