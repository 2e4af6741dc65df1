import { isJsonObject, type JsonObject } from '../../../shared/api/json.ts';
import { invalidValue, notSupported } from './crd-causes.ts';
import type { Cause } from './extension.ts';
import { numberAt, objectAt, stringAt } from './object.ts';
import type { ResourceCall } from './resource-call.ts';
import { qualifiedName, type ResourceType } from './resource-types.ts';
import { badRequest, invalid } from './status-object.ts';

export interface DeleteOptions {
  /** undefined: nobody said; what an earlier DELETE said holds. */
  readonly propagation: 'Background' | 'Foreground' | undefined;
  /** undefined: what the object says. */
  readonly gracePeriodSeconds: number | undefined;
  /** Empty: no precondition. */
  readonly uid: string;
  readonly resourceVersion: string;
}

/** The body's options; without a body the query's. Throws a 422 for a propagation that this API has not. */
export function deleteOptions({ type, body, query }: Pick<ResourceCall, 'type' | 'body' | 'query'>): DeleteOptions {
  const inBody = isJsonObject(body) ? body : {};
  const preconditions = objectAt(inBody, 'preconditions');
  return {
    propagation: propagationOf(type, stringAt(inBody, 'propagationPolicy') || (query['propagationPolicy'] ?? '')),
    gracePeriodSeconds: gracePeriodOf(inBody, query['gracePeriodSeconds']),
    uid: stringAt(preconditions, 'uid'),
    resourceVersion: stringAt(preconditions, 'resourceVersion'),
  };
}

function propagationOf(type: ResourceType, asked: string): DeleteOptions['propagation'] {
  if (asked === 'Background' || asked === 'Foreground') return asked;
  const orphansByDefault = qualifiedName(type) === 'jobs.batch';
  if (asked === '' && !orphansByDefault) return undefined;
  throw invalid({ group: 'meta.k8s.io', kind: 'DeleteOptions' }, '', [policyCause(asked)]);
}

function policyCause(asked: string): Cause {
  if (asked !== '' && asked !== 'Orphan') return notSupported('propagationPolicy', asked, ['Foreground', 'Background']);
  const why = asked === '' ? 'a Job that is deleted without a policy orphans its pods' : 'it orphans the dependents';
  return invalidValue('propagationPolicy', asked, `${why}, which is not implemented here: name "Background" or "Foreground"`);
}

function gracePeriodOf(body: JsonObject, inQuery: string | undefined): number | undefined {
  const asked = numberAt(body, 'gracePeriodSeconds') ?? (inQuery === undefined ? undefined : Number(inQuery));
  if (asked === undefined) return undefined;
  if (!Number.isInteger(asked)) throw badRequest(`gracePeriodSeconds: Invalid value: ${JSON.stringify(inQuery)}: is a whole number of seconds`);
  return asked < 0 ? 1 : asked; // as a kube-apiserver reads a negative one
}
