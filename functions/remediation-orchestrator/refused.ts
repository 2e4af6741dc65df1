import type { RemediationRequest } from '../../shared/api/remediation-request.ts';
import type { Phase } from '../../shared/reconciler/phase.ts';
import { fail } from './ending.ts';
import type { Settings } from './settings.ts';

/** A child, or the lock that it needs, that the API will not have: trying again would be refused again. Other refusals have no answer here and are thrown. */
export function refused(settings: Settings): NonNullable<Phase<RemediationRequest, never, never>['refused']> {
  return (request, { effect, message }, now) => {
    if (effect.kind !== 'CreateResource') return null;
    const { kind, metadata } = effect.object;
    const words = `${kind} ${metadata.name} was refused: ${message}`;
    return fail(request, { reason: 'child_refused', message: words, failure: { kind, name: metadata.name, message } }, settings, now);
  };
}
