// The default limits of the catalogue. Each is a sentence to the operator when it is met, so each stands beside its reason.

/** A Deployment of more is a mistake of a digit before it is a wish; etcd and the scheduler feel a thousand pods at once. */
export const replicasMax = 1_000;

/** A spike rarely needs more than three times the pods at once, and the next alert may ask again. */
export const scaleFactorMax = 3;
/** Three times a large number is a small cluster: the step is bounded in pods too. */
export const scaleStepMax = 20;

/** A leak doubled twice is still a leak: beyond it a person should look. */
export const memoryFactorMax = 4;
/** Up to twice the limit is low risk; beyond, the node's other pods may pay. */
export const memoryFactorLowRisk = 2;

/** kubectl and the kubelet accept more, but an execution has five minutes and its outcome check waits with it. */
export const gracePeriodSecondsMax = 300;

/** A file of settings is a few kilobytes; what is larger is data, and belongs to a deploy. */
export const configValueBytesMax = 32 * 1_024;
/** More keys at once, set or taken out, are a new configuration, not a remedy. */
export const configKeysMax = 32;
/**
 * All values of one patch, and all those that its undo must keep: rollbackInformation and Parameters hold 65,536 bytes as JSON. The patch
 * carries the old values beside the new ones, and twice this stays below the 131,072 bytes that Linux takes in one argument.
 */
export const configBytesMax = 60 * 1_024;

/** Enough for every budget, autoscaler or quota of a namespace that people still overlook. */
export const contextListMax = 500;
