import { describe, expect, it } from 'vitest';
import { boundRefSchema, controllerOf, objectRefSchema, ownerReferenceTo, refOf } from './object-ref.ts';

const request = {
  apiVersion: 'remediation.kubernaut.io/v1',
  kind: 'RemediationRequest',
  metadata: { name: 'rr-1', namespace: 'kubernaut-system', uid: 'u1', resourceVersion: '7' },
};

describe('references', () => {
  it('hold what identifies the object and nothing else', () => {
    const ref = { apiVersion: request.apiVersion, kind: request.kind, name: 'rr-1', namespace: 'kubernaut-system', uid: 'u1' };
    expect(refOf(request)).toEqual(ref);
    expect(refOf({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'node-1' } })).toEqual({ apiVersion: 'v1', kind: 'Node', name: 'node-1' });
    expect(boundRefSchema.parse(refOf(request))).toEqual(ref);
  });

  it('to our own resources carry a uid', () => {
    const ref = { apiVersion: 'v1', kind: 'Pod', name: 'a', namespace: 'b' };
    expect(objectRefSchema.safeParse(ref).success).toBe(true);
    expect(boundRefSchema.safeParse(ref).success).toBe(false);
    expect(boundRefSchema.safeParse({ ...ref, uid: '' }).success).toBe(false);
  });
});

describe('ownership', () => {
  it('makes the owner the controller', () => {
    const owner = ownerReferenceTo(request);
    expect(owner).toEqual({ apiVersion: request.apiVersion, kind: request.kind, name: 'rr-1', uid: 'u1', controller: true, blockOwnerDeletion: true });
    expect(controllerOf({ metadata: { ownerReferences: [{ ...owner, name: 'other', controller: false }, owner] } })).toBe(owner);
  });

  it('is nobody without a controller', () => {
    const { controller: _, ...owner } = ownerReferenceTo(request);
    expect(controllerOf({ metadata: {} })).toBeNull();
    expect(controllerOf({ metadata: { ownerReferences: [owner] } })).toBeNull();
  });
});
