import { isJsonObject, type JsonObject } from '../../../shared/api/json.ts';
import { invalidValue, notSupported } from './crd-causes.ts';
import type { Cause } from './extension.ts';
import { numberAt, objectAt, stringAt } from './object.ts';
import type { ResourceCall } from './resource-call.ts';
import { badRequest, invalid, type StatusError } from './status-object.ts';

export type Propagation = 'Background' | 'Foreground' | 'Orphan';

export interface DeleteOptions {
  /** undefined: nobody said; what an earlier DELETE said holds, or the default of the kind. */
  readonly propagation: Propagation | undefined;
  /** undefined: what the object says. */
  readonly gracePeriodSeconds: number | undefined;
  /** Empty: no precondition. */
  readonly uid: string;
  readonly resourceVersion: string;
}

/** The body's options; without a body the query's. Throws a 422 for a propagation that this API has not. */
export function deleteOptions({ body, query }: Pick<ResourceCall, 'body' | 'query'>): DeleteOptions {
  const inBody = isJsonObject(body) ? body : {};
  const inQuery = body === undefined ? query : {};
  const preconditions = objectAt(inBody, 'preconditions');
  refuseOtherKind(inBody);
  return {
    propagation: propagationOf(inBody, stringAt(inBody, 'propagationPolicy') || (inQuery['propagationPolicy'] ?? '')),
    gracePeriodSeconds: gracePeriodOf(inBody, inQuery['gracePeriodSeconds']),
    uid: stringAt(preconditions, 'uid'),
    resourceVersion: stringAt(preconditions, 'resourceVersion'),
  };
}

function refuseOtherKind(body: JsonObject): void {
  const { kind = 'DeleteOptions', apiVersion = '' } = body;
  if (kind !== 'DeleteOptions')
    throw badRequest(`no kind ${JSON.stringify(kind)} is registered for version ${JSON.stringify(apiVersion)}: DeleteOptions are expected`);
}

const propagations: readonly Propagation[] = ['Foreground', 'Background', 'Orphan'];

/** `orphanDependents` is the older way to say it. */
function propagationOf(body: JsonObject, asked: string): Propagation | undefined {
  const { orphanDependents } = body;
  const known = propagations.find((propagation) => propagation === asked);
  if (asked !== '' && typeof orphanDependents === 'boolean') {
    throw refused(invalidValue('propagationPolicy', asked, 'orphanDependents and deletionPropagation cannot be both set'));
  }
  if (asked !== '' && known === undefined) throw refused(notSupported('propagationPolicy', asked, [...propagations, 'nil']));
  return typeof orphanDependents === 'boolean' ? (orphanDependents ? 'Orphan' : 'Background') : known;
}

function refused(cause: Cause): StatusError {
  return invalid({ group: 'meta.k8s.io', kind: 'DeleteOptions' }, '', [cause]);
}

function gracePeriodOf(body: JsonObject, inQuery: string | undefined): number | undefined {
  const asked = numberAt(body, 'gracePeriodSeconds') ?? (inQuery === undefined ? undefined : Number(inQuery));
  if (asked === undefined) return undefined;
  if (!Number.isInteger(asked)) throw badRequest(`gracePeriodSeconds: Invalid value: ${JSON.stringify(inQuery)}: is a whole number of seconds`);
  return asked < 0 ? 1 : asked; // as a kube-apiserver reads a negative one
}
