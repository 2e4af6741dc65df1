import { stringAt } from '../../../shared/kubernetes/unstructured.ts';
import { ask } from './ask.ts';
import { fail, ok } from './finding.ts';
import type { Check } from './patient.ts';

const minorMin = 30; // the first whose admission policies are final

export const clusterCheck: Check = {
  name: 'cluster',
  async look(patient) {
    const version = await ask(patient, { method: 'GET', path: '/version' });
    const { server } = patient.connection();
    const told = stringAt(version, 'gitVersion') ?? 'of a version that it does not tell';
    const minor = Number.parseInt(stringAt(version, 'minor') ?? '', 10);
    if (minor < minorMin) return [fail(`Kubernetes ${told} at ${server}`, `take a cluster of 1.${minorMin} or later`)];
    // A version is told to everybody: this says whether the user of the kubeconfig is known.
    await ask(patient, {
      method: 'POST',
      path: '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
      body: { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectAccessReview', spec: { resourceAttributes: { verb: 'get', resource: 'pods' } } },
    });
    return [ok(`Kubernetes ${told} at ${server}`)];
  },
};
