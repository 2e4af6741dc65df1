import { request } from 'node:https';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createObject } from '../../../infra/local/stack/install.ts';
import { theDeployment, type TestedDeployment } from '../../support/deployed.ts';

let product: TestedDeployment;
beforeAll(async () => {
  product = await theDeployment();
});
afterAll(() => product.close());

const workflow = (action: string) => ({
  apiVersion: 'workflow.kubernaut.io/v1',
  kind: 'WorkflowExecution',
  metadata: { name: `admitted-${action.replaceAll('_', '-')}`, namespace: 'kubernaut-system' },
  spec: {
    workflowDefinition: { steps: [{ name: 'only', action, parameters: { namespace: 'production', deployment: 'payment-api', replicas: 3 } }] },
    alertContext: { fingerprint: 'a1', severity: 'info' },
    aiRecommendation: { recommendationID: 'rec-001', confidence: 0.9, action },
  },
});

/** As the API server does it, trusting what the configuration names. */
function review(url: string, caPem: string, body: object): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: 'POST', ca: caPem, headers: { 'content-type': 'application/json' } }, (answer) => {
      text(answer).then((said) => resolve(JSON.parse(said)), reject);
    });
    sent.on('error', reject).end(JSON.stringify(body));
  });
}

describe('the deployed admission function, behind TLS', () => {
  it('answers a review with the version and the uid that it was asked with', async () => {
    const { url, caPem } = product.admissionFront;
    const asked = {
      apiVersion: 'admission.k8s.io/v1',
      kind: 'AdmissionReview',
      request: {
        uid: '705ab4f5-6393-11e8-b7cc-42010a800002',
        kind: { group: 'workflow.kubernaut.io', version: 'v1', kind: 'WorkflowExecution' },
        resource: { group: 'workflow.kubernaut.io', version: 'v1', resource: 'workflowexecutions' },
        name: 'asked',
        namespace: 'kubernaut-system',
        operation: 'CREATE',
        userInfo: { username: 'somebody', groups: ['system:authenticated'] },
        object: workflow('scale_deployment'),
        oldObject: null,
        dryRun: true,
        options: {},
      },
    };
    expect(await review(`${url}/validate`, caPem, asked)).toMatchObject({
      apiVersion: 'admission.k8s.io/v1',
      kind: 'AdmissionReview',
      response: { uid: '705ab4f5-6393-11e8-b7cc-42010a800002' },
    });
  });

  it('decides for the API server what may be stored', async () => {
    const elsewhere = { ...workflow('scale_deployment'), metadata: { name: 'elsewhere', namespace: 'default' } };
    await expect(createObject(product.admin, elsewhere)).rejects.toThrow(/kubernaut-system/);
  });
});
