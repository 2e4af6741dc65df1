import type { ClientRequest, IncomingMessage } from 'node:http';

export interface Answer {
  readonly status: number;
  readonly text: string;
}

/** What a server answers. One that has answered closes what still comes, and one that was idle what was kept open: a client begins anew, as Go's does. */
export function answered(sent: ClientRequest, again: (() => Promise<Answer>) | null): Promise<Answer> {
  return new Promise((resolve, reject) => {
    sent.on('response', (response: IncomingMessage) => {
      let text = '';
      const done = () => {
        resolve({ status: response.statusCode ?? 0, text });
      };
      response
        .setEncoding('utf8')
        .on('data', (chunk: string) => (text += chunk))
        .on('end', done)
        .on('error', done);
    });
    sent.on('error', (error: NodeJS.ErrnoException) => {
      if (again !== null && (error.code === 'ECONNRESET' || error.code === 'EPIPE')) resolve(again());
      else reject(error);
    });
  });
}
