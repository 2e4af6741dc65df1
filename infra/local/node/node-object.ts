import * as z from 'zod';
import type { Immutable } from '../../../shared/api/json.ts';
import type { KubernetesObject } from '../../../shared/api/object-ref.ts';
import type { Instant } from '../../../shared/api/time.ts';
import { metadataSchema } from '../controllers/stored-object.ts';
import { workloadConditionSchema } from '../controllers/replica-set.ts';
import { holds, withCondition, type WantedCondition, type WorkloadCondition } from '../controllers/workload-condition.ts';

export const nodeKind = { apiVersion: 'v1', kind: 'Node' } as const;

const quantities = z.record(z.string(), z.string()).default({});

export const nodeSchema = z.object({
  apiVersion: z.literal('v1'),
  kind: z.literal('Node'),
  metadata: metadataSchema,
  spec: z
    .looseObject({
      unschedulable: z.boolean().default(false),
      taints: z.array(z.object({ key: z.string(), value: z.string().default(''), effect: z.string() })).default([]),
    })
    .default({ unschedulable: false, taints: [] }),
  status: z
    .looseObject({
      allocatable: quantities,
      conditions: z.array(workloadConditionSchema).default([]),
    })
    .default({ allocatable: {}, conditions: [] }),
});
export type Node = Immutable<z.infer<typeof nodeSchema>>;

export function isReadyNode({ status }: Node): boolean {
  return holds(status.conditions, 'Ready');
}

const capacity = { cpu: '8', memory: '16Gi', pods: '110', 'ephemeral-storage': '100Gi' } as const;

export interface NodeAddress {
  readonly address: string;
  /** Of its kubelet's API; absent: it has none. */
  readonly kubeletPort?: number | undefined;
}

/** What a kubelet registers itself as. The version is that of the API whose behaviour is played. */
export function nodeObject(name: string, { address, kubeletPort }: NodeAddress, now: Instant): KubernetesObject {
  return {
    ...nodeKind,
    metadata: {
      name,
      labels: { 'kubernetes.io/hostname': name, 'kubernetes.io/os': 'linux', 'kubernetes.io/arch': 'amd64', 'sandbox.kubernaut.io/simulated': 'true' },
    },
    spec: {},
    status: {
      capacity,
      allocatable: capacity,
      addresses: [
        { type: 'InternalIP', address },
        { type: 'Hostname', address: name },
      ],
      ...(kubeletPort !== undefined && { daemonEndpoints: { kubeletEndpoint: { Port: kubeletPort } } }),
      nodeInfo: {
        architecture: 'amd64',
        bootID: '',
        containerRuntimeVersion: 'simulated://1',
        kernelVersion: '',
        kubeProxyVersion: '',
        kubeletVersion: 'v1.36.0-sandbox',
        machineID: '',
        operatingSystem: 'linux',
        osImage: 'kubernaut sandbox',
        systemUUID: '',
      },
      conditions: nodeConditions([], {}, now),
    },
  };
}

/** Annotations of the Node by which a fixture makes it ill. */
const notReadyAnnotation = 'sandbox.kubernaut.io/not-ready';
const pressures = [
  { type: 'MemoryPressure', annotation: 'sandbox.kubernaut.io/memory-pressure', ill: 'KubeletHasInsufficientMemory', well: 'KubeletHasSufficientMemory' },
  { type: 'DiskPressure', annotation: 'sandbox.kubernaut.io/disk-pressure', ill: 'KubeletHasDiskPressure', well: 'KubeletHasNoDiskPressure' },
  { type: 'PIDPressure', annotation: 'sandbox.kubernaut.io/pid-pressure', ill: 'KubeletHasInsufficientPID', well: 'KubeletHasSufficientPID' },
] as const;

export function nodeConditions(
  before: readonly WorkloadCondition[],
  annotations: Readonly<Record<string, string>>,
  now: Instant,
): readonly WorkloadCondition[] {
  const wanted: readonly WantedCondition[] = [...pressures.map((pressure) => pressureOf(pressure, annotations)), readiness(annotations)];
  return wanted.reduce((conditions, condition) => withCondition(conditions, condition, now, 'lastHeartbeatTime'), before);
}

function pressureOf({ type, annotation, ill, well }: (typeof pressures)[number], annotations: Readonly<Record<string, string>>): WantedCondition {
  const isIll = annotations[annotation] === 'true';
  return {
    type,
    status: isIll ? 'True' : 'False',
    reason: isIll ? ill : well,
    message: isIll ? 'simulated by an annotation of the node' : 'kubelet has what it needs',
  };
}

function readiness(annotations: Readonly<Record<string, string>>): WantedCondition {
  return annotations[notReadyAnnotation] === 'true'
    ? { type: 'Ready', status: 'False', reason: 'KubeletNotReady', message: 'simulated by an annotation of the node' }
    : { type: 'Ready', status: 'True', reason: 'KubeletReady', message: 'kubelet is posting ready status' };
}
