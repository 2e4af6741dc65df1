import type { JsonObject } from '../../../shared/api/json.ts';
import { defaultCluster } from '../../../shared/api/labels.ts';
import { wordsOf } from '../../../shared/kubernetes/cluster.ts';
import type { ApiResponse } from '../../../shared/kubernetes/request.ts';
import { collectionPath, objectPath } from '../../../shared/kubernetes/resource-path.ts';
import { listAt, stringAt } from '../../../shared/kubernetes/unstructured.ts';
import { admissionPolicies } from '../../cluster/generate-policies.ts';
import { plainSettings } from '../../cluster/policy-settings.ts';
import { ask, send } from './ask.ts';
import { fail, ok, warn, type Verdict } from './finding.ts';
import type { Check, Patient } from './patient.ts';

const admissionGroup = 'admissionregistration.k8s.io/v1';
const configurations = ['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration'] as const;
const configurationName = 'kubernaut-admission';
const register = 'helm upgrade with admission.url, as docs/operations.md says';

/** The webhook is registered, and answers: a request that nobody stores is completed, and one that a person may not make is refused. */
export const admissionCheck: Check = {
  name: 'admission',
  needs: 'definitions',
  async look(patient) {
    const faults = (await Promise.all(configurations.map((kind) => registrationFaults(kind, patient)))).flat();
    if (faults.length > 0) return faults;
    const [completed, refused] = await Promise.all([rehearse(patient, 'manual'), rehearse(patient, 'alertmanager')]);
    const missing = completedFault(completed) ?? refusedFault(refused);
    return [missing ?? ok('completes and refuses what it is asked about')];
  },
};

async function registrationFaults(kind: (typeof configurations)[number], patient: Patient): Promise<readonly Verdict[]> {
  const request = { method: 'GET', path: objectPath({ apiVersion: admissionGroup, kind, name: configurationName }) } as const;
  const answer = await send(patient, request);
  if (answer.status === 403) return []; // the rehearsal says whether it is there
  if (answer.status === 404) return [fail(`there is no ${kind} ${configurationName}: anybody whom RBAC lets may write what the product trusts`, register)];
  const found = answer.status === 200 ? answer.body : await ask(patient, request);
  const open = listAt(found, 'webhooks').filter((webhook) => stringAt(webhook, 'failurePolicy') !== 'Fail');
  return open.map((webhook) => fail(`${stringAt(webhook, 'name') ?? kind} lets everything pass while it does not answer`, register));
}

/** By dry run: neither stored nor audited. */
function rehearse(patient: Patient, source: string): Promise<ApiResponse> {
  const kind = { apiVersion: 'remediation.kubernaut.io/v1', kind: 'RemediationRequest' };
  const spec: JsonObject = {
    alertName: 'KubernautDoctor',
    source,
    severity: 'info',
    target: { kind: 'Deployment', name: 'kubernaut-doctor', namespace: 'default' },
    targetCluster: patient.variables['KUBERNAUT_CLUSTER'] ?? defaultCluster,
  };
  const body = { ...kind, metadata: { name: 'kubernaut-doctor', namespace: patient.systemNamespace }, spec };
  return send(patient, { method: 'POST', path: collectionPath(kind, patient.systemNamespace), query: { dryRun: 'All' }, body });
}

function completedFault(answer: ApiResponse): Verdict | null {
  if (answer.status === 201 && stringAt(answer.body, 'spec', 'receivedTime') !== null) return null;
  return faultOf(answer) ?? fail(`does not complete a request (${wordsOf(answer.body, answer.status)})`, register);
}

function refusedFault(answer: ApiResponse): Verdict | null {
  if (isDenied(answer)) return null;
  return faultOf(answer) ?? fail('lets pass a request by hand that says it is an alert', register);
}

/** What stands in the way of a rehearsal of either kind. */
function faultOf(answer: ApiResponse): Verdict | null {
  const words = wordsOf(answer.body, answer.status);
  if (/failed calling webhook|failed to call webhook/.test(words)) {
    return fail(
      `does not answer (${words})`,
      'is admission.url the one of admission-webhook with its secret segment, and admission.caBundle its authority? Its log says what reached it',
    );
  }
  if (isDenied(answer))
    return warn(`refuses a harmless request: ${words}`, 'give this command the variables KUBERNAUT_CLUSTER and KUBERNAUT_NAMESPACE of the functions');
  if (answer.status === 403) return warn('not looked at', 'look with a user who may create remediationrequests');
  return answer.status >= 500 ? fail(`the API is in trouble (${words})`, 'try again in a moment') : null;
}

function isDenied({ body, status }: ApiResponse): boolean {
  return status >= 400 && /^admission webhook "[^"]*" denied the request/.test(wordsOf(body, status));
}

/** The three policies that refuse what RBAC cannot, and their bindings. */
export const policiesCheck: Check = {
  name: 'policies',
  needs: 'cluster',
  async look(patient) {
    const names = admissionPolicies(plainSettings).map(({ name }) => name);
    const missing = (await Promise.all(names.map(async (name) => ((await isThere(name, patient)) ? [] : [name])))).flat();
    if (missing.length === 0) return [ok(`${names.length} policies hold the identities within their bounds`)];
    // A sandbox of npm start lives without them.
    if (patient.local !== null && missing.length === names.length) return [ok('none in the sandbox of npm start')];
    return [
      fail(
        `${missing.join(', ')} missing or not bound: a stolen identity may do more than remediate`,
        'helm upgrade with policies.enabled=true, or kubectl apply -f infra/cluster/policies',
      ),
    ];
  },
};

async function isThere(name: string, patient: Patient): Promise<boolean> {
  const kinds = ['ValidatingAdmissionPolicy', 'ValidatingAdmissionPolicyBinding'];
  const answers = await Promise.all(
    kinds.map(async (kind) => {
      const request = { method: 'GET', path: objectPath({ apiVersion: admissionGroup, kind, name }) } as const;
      const answer = await send(patient, request);
      if (answer.status !== 404) await ask(patient, request);
      return answer.status;
    }),
  );
  return answers.every((status) => status === 200);
}
