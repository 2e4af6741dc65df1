import { hash, timingSafeEqual } from 'node:crypto';

const secretsMax = 2; // the old and the new one, while a secret is rotated
const charactersMin = 16;

/** One secret a line, or two while they are rotated. Throws, naming the variable, for a list that could not protect anything. */
export function parseRotatingSecret(variable: string, text: string): readonly string[] {
  const secrets = text.split(/\s+/).filter((secret) => secret !== '');
  if (secrets.length === 0 || secrets.length > secretsMax) {
    throw new Error(`${variable}: holds ${secrets.length} secrets: give one, or two while you rotate, separated by a line break`);
  }
  if (secrets.some((secret) => secret.length < charactersMin)) {
    throw new Error(`${variable}: a secret is shorter than ${charactersMin} characters: make one with "openssl rand -hex 32"`);
  }
  return secrets;
}

/**
 * Is this one of the secrets? Digests are compared in constant time, each secret always, so that the answer's time tells neither how
 * much of a guess is right nor which secret it was.
 */
export function isOneOf(secrets: readonly string[], guess: string): boolean {
  const given = digest(guess);
  return digestsOf(secrets)
    .map((known) => timingSafeEqual(known, given))
    .includes(true);
}

const knownDigests = new WeakMap<readonly string[], readonly Buffer[]>();

/** Of secrets that stay the same for a while they are made once. */
function digestsOf(secrets: readonly string[]): readonly Buffer[] {
  const known = knownDigests.get(secrets) ?? secrets.map(digest);
  knownDigests.set(secrets, known);
  return known;
}

function digest(text: string): Buffer {
  return hash('sha256', text, 'buffer');
}
