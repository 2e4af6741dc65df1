import type { JsonValue } from '../../../shared/api/json.ts';
import { objectOf } from '../../../shared/kubernetes/cluster.ts';
import type { ApiRequest, ApiResponse } from '../../../shared/kubernetes/request.ts';
import type { Patient } from './patient.ts';

const callMilliseconds = 10_000;

/** Any answer of the API. Throws OperatorFailure when nobody answers. */
export function send(patient: Patient, request: ApiRequest): Promise<ApiResponse> {
  return patient.connection().transport.send(request, callMilliseconds);
}

/** The body of a success. Throws ApiError. */
export async function ask(patient: Patient, request: ApiRequest): Promise<JsonValue> {
  return objectOf(request, await send(patient, request));
}
