import type { JsonObject, JsonValue } from '../../../shared/api/json.ts';
import { alice, anAdmissionRequest, aNewObject, anUndecidedWorkflow, aRequestByHand, functions, now, plain } from '../../support/admission.ts';

export const review = (request: JsonObject): JsonObject => ({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', request });

/** Alice makes a request that nothing speaks against. */
export const sound = plain(
  anAdmissionRequest('RemediationRequest', { object: aRequestByHand({ alertFingerprint: 'f1', alertName: 'HighLoad', firingTime: now, receivedTime: now }) }),
);
const spec = (sound['object'] as JsonObject)['spec'] as JsonObject;
const withSpec = (overrides: JsonObject) => review({ ...sound, object: { ...(sound['object'] as JsonObject), spec: { ...spec, ...overrides } } });
const with_ = (overrides: JsonObject) => review({ ...sound, ...overrides });
const text = (value: JsonValue) => JSON.stringify(value);
const lists = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);
const deep = (field: string, depth: number) => text(with_({})).replace(`"${field}":`, `"${field}":${lists(depth)},"x":`);

/** What cannot be read as a review, and the field that its answer names. */
export const unreadable: Readonly<Record<string, readonly [body: string | Buffer, status: number, field: string]>> = {
  nothing: ['', 400, 'body'],
  'no JSON': ['<review/>', 400, 'body'],
  'a review cut off': [text(with_({})).slice(0, -20), 400, 'body'],
  'null bytes': ['\u0000\u0000', 400, 'body'],
  'random bytes': [Buffer.from([0xff, 0xfe, 0x00, 0x80, 0xc0]), 400, 'body'],
  protobuf: [Buffer.from('6b38730a2a0a106d65746131', 'hex'), 400, 'body'],
  'a number': ['1e999', 400, 'body'],
  null: ['null', 400, 'body'],
  'a list': [text([with_({})]), 400, 'body'],
  'lists 100,000 deep': [lists(100_000), 400, 'body'],
  'an empty object': ['{}', 400, 'apiVersion'],
  'the version before': [text({ ...with_({}), apiVersion: 'admission.k8s.io/v1beta1' }), 400, 'apiVersion'],
  'a version that is a number': [text({ ...with_({}), apiVersion: 1 }), 400, 'apiVersion'],
  'another kind of review': [text({ ...with_({}), kind: 'SubjectAccessReview' }), 400, 'kind'],
  'a response for a request': [text({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response: { uid: 'x', allowed: true } }), 400, 'request'],
  'a request that is a list': [text({ ...with_({}), request: [] }), 400, 'request'],
  'a request in a prototype': [text(with_({})).replace('"request":', '"__proto__":'), 400, 'request'],
  'no uid': [text(with_({ uid: undefined })), 400, 'request.uid'],
  'an empty uid': [text(with_({ uid: '' })), 400, 'request.uid'],
  'a uid that is a number': [text(with_({ uid: 1 })), 400, 'request.uid'],
  'a uid of 4 KiB': [text(with_({ uid: 'u'.repeat(4_096) })), 400, 'request.uid'],
  'no kind': [text(with_({ kind: undefined })), 400, 'request.kind'],
  'a kind that is a text': [text(with_({ kind: 'RemediationRequest' })), 400, 'request.kind'],
  'no operation': [text(with_({ operation: undefined })), 400, 'request.operation'],
  'an operation of nobody’s': [text(with_({ operation: 'PATCH' })), 400, 'request.operation'],
  'no user': [text(with_({ userInfo: undefined })), 400, 'request.userInfo'],
  'a user that is null': [text(with_({ userInfo: null })), 400, 'request.userInfo'],
  'a name that is an object': [text(with_({ userInfo: { username: { toString: 'alice' } } })), 400, 'request.userInfo.username'],
  'a name 100,000 deep': [deep('username', 100_000), 400, 'request.userInfo.username'],
  'groups that are a text': [text(with_({ userInfo: { username: 'alice', groups: 'system:masters' } })), 400, 'request.userInfo.groups'],
  'groups that are numbers': [text(with_({ userInfo: { username: 'alice', groups: [1] } })), 400, 'request.userInfo.groups[0]'],
  'an object that is a text': [text(with_({ object: 'x' })), 400, 'request.object'],
  'an object that is a list': [text(with_({ object: [] })), 400, 'request.object'],
  'an old object that is a number': [text(with_({ oldObject: 1 })), 400, 'request.oldObject'],
  'a dry run that is a text': [text(with_({ dryRun: 'false' })), 400, 'request.dryRun'],
  '11 MiB': [text(with_({ note: 'x'.repeat(11 * 1_048_576) })), 413, 'body'],
};

const execution = (overrides: JsonObject, userInfo = functions) =>
  review(plain(anAdmissionRequest('KubernetesExecution', { object: aNewObject('KubernetesExecution', overrides), userInfo })));
const undecided = anUndecidedWorkflow();
const approval = (userInfo: JsonObject) => {
  const metadata = {
    ...(undecided['metadata'] as JsonObject),
    annotations: { 'workflow.kubernaut.io/approve': 'true', 'workflow.kubernaut.io/decided-by': 'bob' },
  };
  return review({ ...plain(anAdmissionRequest('WorkflowExecution', { object: { ...undecided, metadata }, oldObject: undecided })), userInfo });
};

/** What can be read as a review, and must be refused: by the validating door, and where nothing can be told from it by the mutating one as well. */
export const refused: Readonly<Record<string, { readonly body: string; readonly words: string; readonly atBoth?: true }>> = {
  'an object that is null': { body: text(with_({ object: null })), words: 'request.object', atBoth: true },
  'no object': { body: text(with_({ object: undefined })), words: 'request.object', atBoth: true },
  'an update without what was': { body: text(with_({ operation: 'UPDATE' })), words: 'request.oldObject', atBoth: true },
  'an update of null': { body: text(with_({ operation: 'UPDATE', oldObject: null })), words: 'request.oldObject', atBoth: true },
  'an unknown kind of our group': { body: text(with_({ kind: { group: 'remediation.kubernaut.io', kind: 'Remedy' } })), words: 'request.kind', atBoth: true },
  'the kind __proto__': { body: text(with_({ kind: { group: 'executor.kubernaut.io', kind: '__proto__' } })), words: 'request.kind', atBoth: true },
  'the kind constructor': { body: text(with_({ kind: { group: 'workflow.kubernaut.io', kind: 'constructor' } })), words: 'request.kind', atBoth: true },
  'a kind under another of our groups': {
    body: text(with_({ kind: { group: 'workflow.kubernaut.io', kind: 'RemediationRequest' } })),
    words: 'request.kind',
    atBoth: true,
  },
  'an object 10,000 deep': { body: deep('spec', 10_000), words: 'nested deeper', atBoth: true },
  'an object 100,000 deep': { body: deep('alertLabels', 100_000), words: 'nested deeper', atBoth: true },
  'an empty object': { body: text(with_({ object: {} })), words: 'spec' },
  'a spec that is null': { body: text(with_({ object: { ...(sound['object'] as JsonObject), spec: null } })), words: 'spec' },
  'a spec that is a list': { body: text(with_({ object: { ...(sound['object'] as JsonObject), spec: [] } })), words: 'spec' },
  'metadata that is a text': { body: text(with_({ object: { metadata: 'x', spec: {} } })), words: 'spec' },
  'a spec in a prototype': { body: text(with_({ object: {} })).replace('"object":{}', `"object":{"__proto__":{"spec":${text(spec)}}}`), words: 'spec' },
  'another namespace': { body: text(with_({ namespace: 'production' })), words: 'metadata.namespace' },
  'no namespace': { body: text(with_({ namespace: '' })), words: 'metadata.namespace' },
  'a severity of nobody’s': { body: text(withSpec({ severity: 'apocalyptic' })), words: 'spec.severity' },
  'a target that climbs': {
    body: text(withSpec({ target: { kind: 'Deployment', name: '../../secrets/x', namespace: 'production' } })),
    words: 'spec.target.name',
  },
  'a target with a flag for a name': {
    body: text(withSpec({ target: { kind: 'Deployment', name: '--all', namespace: 'production' } })),
    words: 'spec.target.name',
  },
  'a protected target': { body: text(withSpec({ target: { kind: 'Deployment', name: 'coredns', namespace: 'kube-system' } })), words: 'spec.target.namespace' },
  'labels that are a list': { body: text(withSpec({ alertLabels: [] })), words: 'spec.alertLabels' },
  'a thousand labels': {
    body: text(withSpec({ alertLabels: Object.fromEntries(Array.from({ length: 1_000 }, (_, index) => [`l${index}`, 'x'])) })),
    words: 'spec.alertLabels',
  },
  'a label of a mebibyte': { body: text(withSpec({ alertLabels: { a: 'x'.repeat(1_048_576) } })), words: 'spec.alertLabels' },
  'a time of ten decimals': { body: text(withSpec({ firingTime: '2026-01-15T10:34:00.0123456789Z' })), words: 'spec.firingTime' },
  'a child made by hand': { body: text(execution({}, alice)), words: 'kind' },
  'a shell for an action': { body: text(execution({ actionType: 'scale_deployment; rm -rf /' })), words: 'spec.actionType' },
  'a prototype for an action': { body: text(execution({ actionType: '__proto__' })), words: 'spec.actionType' },
  'parameters that are a list': { body: text(execution({ actionParams: ['a'] as never })), words: 'spec.actionParams' },
  'parameters of 200 KiB': { body: text(execution({ actionParams: { namespace: 'x'.repeat(204_800) } })), words: 'spec.actionParams' },
  'a timeout without end': { body: text(execution({ timeout: '99999h' })), words: 'spec.timeout' },
  'a status by Alice': { body: text(with_({ operation: 'UPDATE', oldObject: sound['object'], subResource: 'status' })), words: 'status' },
  'a stamp by a user of 1 MiB': { body: text(approval({ username: 'u'.repeat(1_048_576), groups: [] })), words: 'is stamped by admission only', atBoth: true },
  'a stamp by a user of control characters': {
    body: text(approval({ username: '\u001b[2J\u0000\r\n{"a":', groups: [] })),
    words: 'is stamped by admission only',
    atBoth: true,
  },
  'a stamp by a user with a lone surrogate': { body: text(approval({ username: '\ud800' })), words: 'is stamped by admission only', atBoth: true },
  'a stamp by a user in ten thousand groups': {
    body: text(approval({ username: 'x', groups: Array.from({ length: 10_000 }, () => 'system:masters') })),
    words: 'is stamped by admission only',
    atBoth: true,
  },
  'a stamp by nobody': { body: text(approval({})), words: 'is stamped by admission only', atBoth: true },
  'a stamp by the functions in another spelling': {
    body: text(approval({ username: 'system:serviceaccount:kubernaut-system:kubernaut-functions ' })),
    words: 'is stamped by admission only',
    atBoth: true,
  },
  'a decision by the functions': { body: text(approval(functions)), words: 'metadata.annotations', atBoth: true },
};
