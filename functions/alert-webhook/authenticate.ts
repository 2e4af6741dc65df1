import { isOneOf } from '../../shared/rotating-secret.ts';

/** Does the Authorization header carry one of the tokens? */
export function isAuthorized(header: string | undefined, tokens: readonly string[]): boolean {
  return isOneOf(tokens, /^Bearer\s+(\S+)$/i.exec(header ?? '')?.[1] ?? '');
}
