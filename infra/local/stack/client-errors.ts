import type { Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

interface Answer {
  readonly status: string;
  readonly error: string;
}

/** By Node's code of what was wrong with the bytes that should have been a request. */
const answers: Readonly<Record<string, Answer>> = {
  HPE_HEADER_OVERFLOW: { status: '431 Request Header Fields Too Large', error: 'headers: are larger than 16 KiB: send those of HTTP and the token only' },
  ERR_HTTP_REQUEST_TIMEOUT: { status: '408 Request Timeout', error: 'request: did not arrive in time: send it at once' },
};
/** Of all that Node's parser refuses (HPE_…). */
const malformed: Answer = { status: '400 Bad Request', error: 'request: is no HTTP/1.1: mend its request line, its headers or the lengths of its chunks' };

/** What never became a request is answered too, as an app would answer it, and its connection ends: nothing after it could be trusted to be a request. */
export function answerClientErrors(server: Server): void {
  const latest = new WeakMap<Duplex, ServerResponse>();
  server.on('request', ({ socket }, response) => latest.set(socket, response));
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) => {
    const answer = answerTo(error.code ?? '');
    if (answer === null || !socket.writable || latest.get(socket)?.headersSent === true) {
      socket.destroy();
      return;
    }
    const { status, error: words } = answer;
    const body = JSON.stringify({ error: words });
    socket.end(`HTTP/1.1 ${status}\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`, () =>
      socket.destroy(),
    );
  });
}

/** Null where nobody would hear it: a connection that was cut, or a handshake that never ended. */
function answerTo(code: string): Answer | null {
  return answers[code] ?? (code.startsWith('HPE_') ? malformed : null);
}
