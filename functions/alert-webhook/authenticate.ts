import { createHash, timingSafeEqual } from 'node:crypto';

const tokensMax = 2; // the old and the new one, while a token is rotated
const tokenCharactersMin = 16;

/** One token a line, or two while they are rotated. Throws for a list that could not protect anything. */
export function parseTokens(text: string): readonly string[] {
  const tokens = text
    .split(/\s+/)
    .map((token) => token.trim())
    .filter((token) => token !== '');
  if (tokens.length === 0 || tokens.length > tokensMax) {
    throw new Error(`KUBERNAUT_WEBHOOK_TOKENS: holds ${tokens.length} tokens: give one, or two while you rotate, separated by a line break`);
  }
  if (tokens.some((token) => token.length < tokenCharactersMin)) {
    throw new Error(`KUBERNAUT_WEBHOOK_TOKENS: a token is shorter than ${tokenCharactersMin} characters: make one with "openssl rand -hex 32"`);
  }
  return tokens;
}

/**
 * Does the Authorization header carry one of the tokens? Digests are compared in constant time, each token always, so that the
 * answer's time tells neither how much of a guess is right nor which token it was.
 */
export function isAuthorized(header: string | undefined, tokens: readonly string[]): boolean {
  const given = digest(/^Bearer\s+(\S+)$/i.exec(header ?? '')?.[1] ?? '');
  return tokens.map((token) => timingSafeEqual(digest(token), given)).includes(true);
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
