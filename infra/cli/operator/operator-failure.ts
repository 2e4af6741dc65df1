import { ApiError } from '../../../shared/kubernetes/errors.ts';
import { ClusterUnreachable } from '../../../shared/kubernetes/unreachable.ts';

/** What an operator can do something about: one sentence that ends in the remedy. */
export class OperatorFailure extends Error {
  override readonly name = 'OperatorFailure';
}

/** The command line asks for what does not go together: exit code 2, as for an unknown option. */
export class UsageInvalid extends Error {
  override readonly name = 'UsageInvalid';
}

/** What the API refused, as one sentence with the remedy; the failure itself where it is none of the API's. */
export function asOperatorFailure(error: unknown): unknown {
  if (error instanceof ClusterUnreachable) return new OperatorFailure(error.message, { cause: error });
  return error instanceof ApiError ? new OperatorFailure(sentenceOf(error), { cause: error }) : error;
}

const admissionPrefix = /^admission webhook "[^"]*" denied the request: /;

function sentenceOf({ status, reason, message }: ApiError): string {
  const words = message.replace(/^[A-Z]+ \S+: /, '');
  if (admissionPrefix.test(words)) return words.replace(admissionPrefix, '');
  switch (status) {
    case 401:
      return 'the API does not accept the credentials of the kubeconfig: log in again, or take another with --kubeconfig';
    case 403:
      return `not permitted: ${words}; ask whoever administers the cluster for that verb, or use the kubeconfig of somebody who has it`;
    case 404:
      return isAboutAKind(words, reason)
        ? `this cluster does not know the kinds of kubernaut (${words}): install the product, or take the kubeconfig of the cluster that has it`
        : `${words}: it is gone by now`;
    case 409:
      return `${words}: it was changed at the same moment; try again`;
    case 429:
      return `the API is busy (${words}): try again in a moment`;
    default:
      return status >= 500 ? `the API is in trouble (${words}): try again in a moment` : words;
  }
}

/** A kind that is not there is answered without the name of an object. */
function isAboutAKind(words: string, reason: string): boolean {
  return reason === '' || /could not find the requested resource|page not found|status 404/.test(words);
}
