import * as z from 'zod';
import { sha256Hex, uidHex } from './digest.ts';

export const labelLengthMax = 63; // DNS-1123 label, and the value of a Kubernetes label
export const nameLengthMax = 253; // DNS-1123 subdomain

const dnsLabelPattern = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const dnsSubdomainPattern = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/** DNS-1123 label: a namespace, a container. */
export const labelSchema = z.string().max(labelLengthMax).regex(dnsLabelPattern);
/** DNS-1123 subdomain: the name of most objects. */
export const nameSchema = z.string().max(nameLengthMax).regex(dnsSubdomainPattern);

export function isDnsLabel(text: string): boolean {
  return text.length <= labelLengthMax && dnsLabelPattern.test(text);
}

export function isDnsSubdomain(text: string): boolean {
  return text.length <= nameLengthMax && dnsSubdomainPattern.test(text);
}

/** `rr-<fingerprint>-<startsAt>`: Alertmanager's repeats of one firing meet the same name. */
export function requestName(fingerprintHex: string, startsAtHex: string): string {
  return `rr-${fingerprintHex}-${startsAtHex}`;
}

export function processingName(request: string): string {
  return bounded(`${request}-processing`, nameLengthMax);
}

export function analysisName(request: string): string {
  return bounded(`${request}-analysis`, nameLengthMax);
}

export function workflowName(request: string): string {
  return bounded(`${request}-workflow`, nameLengthMax);
}

export function executionName(workflow: string, step: string): string {
  return bounded(`${workflow}-${step}`, nameLengthMax);
}

export function rollbackExecutionName(workflow: string, step: string): string {
  return bounded(`${workflow}-${step}-rollback`, nameLengthMax);
}

/** `scale_deployment` → `scale-deployment`: an action where only a DNS name fits. */
export function dashed(action: string): string {
  return action.replaceAll('_', '-');
}

/** `<action with dashes>-sa`: the identity that an action's Job runs as. */
export function serviceAccountName(action: string): string {
  return `${dashed(action)}-sa`;
}

/** `ke-<action>-<8 hex of the execution's uid>`, at most 63: a Job's name becomes a label of its pod. */
export function jobName(action: string, executionUid: string): string {
  const suffix = `-${uidHex(executionUid)}`;
  const stem = `ke-${dashed(action)}`.slice(0, labelLengthMax - suffix.length).replace(/-+$/, '');
  return `${stem}${suffix}`;
}

/** The Lease that stands for one target. */
export function leaseName(targetHash: string): string {
  return `target-${targetHash}`;
}

/** The Lease that remembers a firing which resolved before it was handled. */
export function resolvedLeaseName(request: string): string {
  return bounded(`resolved-${request.replace(/^rr-/, '')}`, nameLengthMax);
}

/** The label `kubernaut.io/execution`: the name, or when that is longer than a label its first 54 characters, `-` and 8 hex of the uid. */
export function executionLabel(name: string, uid: string): string {
  return name.length <= labelLengthMax ? name : `${name.slice(0, 54)}-${uidHex(uid)}`;
}

/** Any text as the value of a label: what is not allowed becomes `-`, at most 63, beginning and ending in a letter or digit; may be "". */
export function labelValue(text: string): string {
  const allowed = text.replace(/[^A-Za-z0-9_.-]/g, '-').replace(/^[^A-Za-z0-9]+/, '');
  return allowed.slice(0, labelLengthMax).replace(/[^A-Za-z0-9]+$/, '');
}

/** A name that is too long keeps its beginning and ends in a hash of the whole, so that two long names stay two. */
function bounded(name: string, lengthMax: number): string {
  if (name.length <= lengthMax) return name;
  return `${name.slice(0, lengthMax - 9).replace(/[^a-z0-9]+$/, '')}-${sha256Hex(name).slice(0, 8)}`;
}
