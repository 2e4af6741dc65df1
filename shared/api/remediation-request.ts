import * as z from 'zod';
import { alertNameSchema, fingerprintSchema, severitySchema } from './alert.ts';
import { ageColumn, phaseColumn, reasonColumn, type KindDefinition } from './definition.ts';
import { labelMapSchema } from './free-form.ts';
import type { Immutable } from './json.ts';
import { defaultCluster } from './labels.ts';
import { nameSchema } from './names.ts';
import { boundRefSchema, uidSchema, type KubernetesObject } from './object-ref.ts';
import { parseResource, type Resource } from './resource.ts';
import { statusFields } from './status.ts';
import { alertTargetSchema } from './target.ts';
import { reasonSchema, textSchema } from './text.ts';
import { durationSchema, instantSchema } from './time.ts';

export const RequestPhase = ['', 'processing', 'analyzing', 'executing', 'blocked', 'completed', 'failed', 'cancelled'] as const;
export type RequestPhase = (typeof RequestPhase)[number];

export const AlertSource = ['alertmanager', 'sns', 'manual'] as const;
export type AlertSource = (typeof AlertSource)[number];

/** Reasons of the request itself; after a child failed, status.reason repeats the child's own. */
export const RequestFailure = ['child_missing', 'child_refused', 'invalid_analysis', 'cancelled', 'deadline_exceeded', 'status_refused'] as const;
export type RequestFailure = (typeof RequestFailure)[number];

/** Reasons of a request that completed without a change to the cluster. */
export const RequestCompletion = ['alert_resolved', 'no_action_needed', 'dry_run_only'] as const;
export type RequestCompletion = (typeof RequestCompletion)[number];

/** `remediated` and `inconclusive` are known only after the end: the alert resolved, or it still fires. */
export const Outcome = ['remediated', 'inconclusive', 'failed', 'noActionNeeded', 'suggested', 'cancelled'] as const;
export type Outcome = (typeof Outcome)[number];

/** A closed fence: a switch of a person, another request's Lease, the quiet time after the last remediation of the target. */
export const BlockReason = ['paused', 'target_busy', 'cooldown'] as const;
export type BlockReason = (typeof BlockReason)[number];

export const ResumePhase = ['processing', 'executing'] as const;
export type ResumePhase = (typeof ResumePhase)[number];

export const AlertState = ['firing', 'resolved'] as const;
export type AlertState = (typeof AlertState)[number];

export const originalPayloadBytesMax = 32_768;
export const leaseRefsMax = 100;

export const requestSpecSchema = z
  .object({
    alertFingerprint: fingerprintSchema.describe('Fingerprint of the alert; without one, SHA-256 of source and sorted labels.'),
    alertName: alertNameSchema.describe('Label alertname of the alert, "unknown" if it has none.'),
    source: z.enum(AlertSource).default('manual').describe('Who sent the alert.'),
    severity: severitySchema.describe('Severity after mapping; the original stays in alertLabels.'),
    target: alertTargetSchema.optional().describe('What the labels say; processing resolves it further.'),
    targetCluster: z.string().max(63).default(defaultCluster).describe('Cluster of the target, a name in the registry of clusters.'),
    alertLabels: labelMapSchema.default({}).describe('Labels of the alert.'),
    alertAnnotations: labelMapSchema.default({}).describe('Annotations of the alert.'),
    firingTime: instantSchema.describe('Since when the alert fires.'),
    receivedTime: instantSchema.describe('When the alert was accepted.'),
    groupKey: z.string().max(1024).optional().describe('Group key of the notification.'),
    externalURL: z.string().max(2048).optional().describe('Address of the Alertmanager that sent the notification.'),
    generatorURL: z.string().max(2048).optional().describe('Address of the expression behind the alert.'),
    truncatedAlerts: z.int().min(0).max(1_000_000).default(0).describe('Alerts that the notification left out.'),
    originalPayload: z.string().max(originalPayloadBytesMax).optional().describe('The JSON of the alert, masked, cut with a marker.'),
    dryRun: z.boolean().default(false).describe('Stop after planning and validation.'),
    pause: z.boolean().default(false).describe('Hold the remediation before it acts; may be changed by people.'),
    cancel: z.boolean().default(false).describe('End the remediation; may be set by people and not taken back.'),
  })
  .describe('One firing of one alert, and what people want done with it.');
export type RequestSpec = Immutable<z.infer<typeof requestSpecSchema>>;

const workflowResultsSchema = z.object({
  success: z.boolean().describe('Whether every critical step completed and stayed stable.'),
  stepsExecuted: z.int().min(0).max(100).describe('Steps that completed.'),
  duration: durationSchema.optional().describe('From the first step to the end.'),
});
export type WorkflowResults = Immutable<z.infer<typeof workflowResultsSchema>>;

const failureSchema = z.object({
  phase: z.string().max(63).describe('Phase of the request in which the child failed.'),
  kind: z.string().max(63).describe('Kind of the child.'),
  name: nameSchema.describe('Name of the child.'),
  reason: reasonSchema.describe('Reason of the child.'),
  message: textSchema.describe('Message of the child.'),
});

const alertStatusSchema = z.object({
  state: z.enum(AlertState).describe('Whether the alert still fires.'),
  lastSeen: instantSchema.describe('When the newest message about it was accepted.'),
  resolvedAt: instantSchema.optional().describe('When it resolved.'),
  occurrences: z.int().min(1).describe('Messages about this firing.'),
});
export type AlertStatus = Immutable<z.infer<typeof alertStatusSchema>>;

const blockedBySchema = z.object({
  reason: z.enum(BlockReason).describe('The closed fence.'),
  name: z.string().max(253).optional().describe('The request or object that closes it.'),
  until: instantSchema.optional().describe('When it is expected to open; absent while a person holds it.'),
  resumePhase: z.enum(ResumePhase).describe('Where the request goes on.'),
});
export type BlockedBy = Immutable<z.infer<typeof blockedBySchema>>;

const leaseRefsSchema = z.array(z.object({ name: nameSchema.describe('Name of the Lease.'), uid: uidSchema.describe('Uid of the Lease.') })).max(leaseRefsMax);

export const requestStatusSchema = z
  .object({
    ...statusFields(RequestPhase),
    remediationProcessingRef: boundRefSchema.optional().describe('The RemediationProcessing of this request.'),
    aiAnalysisRef: boundRefSchema.optional().describe('The AIAnalysis of this request.'),
    workflowRef: boundRefSchema.optional().describe('The WorkflowExecution of this request.'),
    leaseRefs: leaseRefsSchema.optional().describe('Leases of the targets that the request holds.'),
    environment: z.string().max(63).optional().describe('Environment of the target, copied for printing.'),
    priority: z.string().max(63).optional().describe('Priority, copied for printing.'),
    topAction: z.string().max(63).optional().describe('Action that was chosen, copied for printing.'),
    workflowResults: workflowResultsSchema.optional().describe('What the workflow came to, copied from it.'),
    outcome: z.enum(Outcome).optional().describe('What came of it; absent until it is known.'),
    failure: failureSchema.optional().describe('The child whose failure ended the request.'),
    alertStatus: alertStatusSchema.optional().describe('State of the alert, written as its messages arrive.'),
    blockedBy: blockedBySchema.optional().describe('The fence that holds the request.'),
    overallDeadline: instantSchema.optional().describe('When the request ends at the latest.'),
    cleanupScheduledAt: instantSchema.optional().describe('When the request and its children are deleted.'),
  })
  .describe('What became of the alert.');
export type RequestStatus = Immutable<z.infer<typeof requestStatusSchema>>;

const apiVersion = 'remediation.kubernaut.io/v1';

export type RemediationRequest = Resource<'RemediationRequest', RequestSpec, RequestStatus>;

/** See parseResource: a view with defaults, never to be written back. */
export function parseRemediationRequest(object: KubernetesObject): RemediationRequest {
  const shape = { apiVersion, kind: 'RemediationRequest', specSchema: requestSpecSchema, statusSchema: requestStatusSchema } as const;
  return parseResource<'RemediationRequest', RequestSpec, RequestStatus>(object, shape);
}

export const remediationRequestDefinition: KindDefinition = {
  group: 'remediation.kubernaut.io',
  version: 'v1',
  kind: 'RemediationRequest',
  plural: 'remediationrequests',
  singular: 'remediationrequest',
  shortNames: ['rr'],
  categories: ['kubernaut'],
  description: 'A firing alert and its remediation from beginning to end.',
  printerColumns: [
    phaseColumn,
    { name: 'ALERT', type: 'string', jsonPath: '.spec.alertName' },
    { name: 'TARGET', type: 'string', jsonPath: '.spec.target.name' },
    { name: 'ACTION', type: 'string', jsonPath: '.status.topAction' },
    { name: 'OUTCOME', type: 'string', jsonPath: '.status.outcome' },
    ageColumn,
    reasonColumn,
    { name: 'SEVERITY', type: 'string', jsonPath: '.spec.severity', priority: 1 },
    { name: 'CLUSTER', type: 'string', jsonPath: '.spec.targetCluster', priority: 1 },
  ],
  mutableFields: ['pause', 'cancel'],
  specRules: [{ rule: '!oldSelf.cancel || self.cancel', message: 'cancel cannot be taken back' }],
  objectRules: [{ rule: 'size(self.metadata.name) <= 63', message: 'the name becomes a label of everything made for it: at most 63 characters' }],
  schema: z.object({ spec: requestSpecSchema, status: requestStatusSchema }),
};
