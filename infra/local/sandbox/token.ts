import { createHmac, createSecretKey, randomBytes, timingSafeEqual } from 'node:crypto';
import * as z from 'zod';
import type { Clock } from '../../../shared/clock.ts';
import { instantFromMilliseconds, type Instant } from '../../../shared/api/time.ts';

/** An object that a token is bound to: with its uid, so that a later one of the same name is not meant. */
export interface BoundObject {
  readonly name: string;
  readonly uid: string;
}

/** What a ServiceAccount's token says about its bearer. */
export interface TokenSubject {
  readonly namespace: string;
  readonly serviceAccount: BoundObject;
  readonly pod?: BoundObject | undefined;
}

export interface IssuedToken {
  readonly token: string;
  readonly expirationTimestamp: Instant;
}

export interface TokenIssuer {
  /** Without audiences it is for this API server. */
  issue(subject: TokenSubject, lifetimeSeconds: number, audiences?: readonly string[]): IssuedToken;
  /** Null for a token that was not issued here, is meant for others, was changed, or has expired. */
  verify(token: string): TokenSubject | null;
}

const issuer = 'https://kubernetes.default.svc';
/** Whom a token is for, unless another audience was asked for. */
export const tokenAudience = issuer;
const boundObjectSchema = z.object({ name: z.string(), uid: z.string() });
const claimsSchema = z.object({
  exp: z.number(),
  aud: z.array(z.string()),
  'kubernetes.io': z.object({ namespace: z.string(), serviceaccount: boundObjectSchema, pod: boundObjectSchema.optional() }),
});

/** Tokens in the form of a JWT, because clients read its expiry; signed with a key that lives as long as this process. */
export function tokenIssuer(clock: Pick<Clock, 'milliseconds'>): TokenIssuer {
  const key = createSecretKey(randomBytes(32));
  const sign = (text: string): string => createHmac('sha256', key).update(text).digest('base64url');
  const nowSeconds = (): number => Math.floor(clock.milliseconds() / 1000);
  return {
    issue({ namespace, serviceAccount, pod }, lifetimeSeconds, audiences = [tokenAudience]) {
      const iat = nowSeconds();
      const exp = iat + lifetimeSeconds;
      const bound = { namespace, serviceaccount: serviceAccount, ...(pod !== undefined && { pod }) };
      const sub = `system:serviceaccount:${namespace}:${serviceAccount.name}`;
      const signed = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode({ iss: issuer, aud: audiences, sub, iat, exp, 'kubernetes.io': bound })}`;
      return { token: `${signed}.${sign(signed)}`, expirationTimestamp: instantFromMilliseconds(exp * 1000) };
    },
    verify(token) {
      const end = token.lastIndexOf('.');
      if (end < 0 || !equalInConstantTime(sign(token.slice(0, end)), token.slice(end + 1))) return null;
      const claims = claimsSchema.safeParse(decode(token.slice(token.indexOf('.') + 1, end)));
      if (!claims.success || claims.data.exp <= nowSeconds() || !claims.data.aud.includes(tokenAudience)) return null;
      const { namespace, serviceaccount, pod } = claims.data['kubernetes.io'];
      return { namespace, serviceAccount: serviceaccount, pod };
    },
  };
}

/** Says nothing by its duration about where two secrets differ. */
export function equalInConstantTime(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

/** Only what carries our own signature comes here, so it is JSON. */
function decode(text: string): unknown {
  return JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
}
