import type { Hono } from 'hono';

/** As much of the event of a Lambda function URL as is looked at (payload format 2.0). */
export interface UrlEvent {
  readonly rawPath: string;
  readonly rawQueryString?: string;
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly body?: string;
  readonly isBase64Encoded?: boolean;
  readonly requestContext: { readonly http: { readonly method: string } };
}

export interface UrlAnswer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly isBase64Encoded: false;
}

/**
 * The app behind a function URL. What is no request at all is answered with 400 here: hono's own adapter throws on a body whose base64 is none, and
 * believes a length that the caller claims.
 */
export function behindFunctionUrl(app: Pick<Hono, 'fetch'>): (event: UrlEvent) => Promise<UrlAnswer> {
  return async (event) => {
    const read = requestOf(event);
    return answerOf(read instanceof Request ? await app.fetch(read) : Response.json(read, { status: 400 }));
  };
}

interface Unreadable {
  readonly error: string;
}

function requestOf({ rawPath, rawQueryString = '', headers: given = {}, body, isBase64Encoded = false, requestContext }: UrlEvent): Request | Unreadable {
  const bytes = bytesOf(body ?? '', isBase64Encoded);
  if (bytes === null) return { error: 'body: isBase64Encoded is true, and the body is no base64: send it as it is, or encode it' };
  try {
    const headers = new Headers();
    for (const [name, value] of Object.entries(given)) if (value !== undefined) headers.set(name, value);
    headers.set('content-length', String(bytes.length));
    const { method } = requestContext.http;
    const hasBody = method !== 'GET' && method !== 'HEAD';
    return new Request(`https://function.invalid${pathOf(rawPath)}${rawQueryString === '' ? '' : `?${rawQueryString}`}`, {
      method,
      headers,
      ...(hasBody && { body: bytes }),
    });
  } catch {
    return { error: 'request: its method, its path or one of its headers is none of HTTP: mend the sender' };
  }
}

/** Null: no base64. */
function bytesOf(body: string, isBase64Encoded: boolean): Uint8Array<ArrayBuffer> | null {
  if (!isBase64Encoded) return new TextEncoder().encode(body);
  return /^[A-Za-z0-9+/]*={0,2}$/.test(body) ? new Uint8Array(Buffer.from(body, 'base64')) : null;
}

/** Without the slash what follows would become a part of the host. */
function pathOf(rawPath: string): string {
  return rawPath.startsWith('/') ? rawPath : `/${rawPath}`;
}

async function answerOf(response: Response): Promise<UrlAnswer> {
  return { statusCode: response.status, headers: Object.fromEntries(response.headers), body: await response.text(), isBase64Encoded: false };
}
