import { request, type Agent } from 'node:https';

export interface Posted {
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

const answerMillisecondsMax = 30_000;

/** The text of a 200; whatever else it is throws. */
export function post(agent: Agent, port: number, { path, headers = {}, body }: Posted): Promise<string> {
  return new Promise((resolve, reject) => {
    const sent = { 'content-type': 'application/json', 'content-length': body.length, ...headers };
    const asking = request({ agent, host: '127.0.0.1', port, method: 'POST', path, headers: sent, timeout: answerMillisecondsMax }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('error', reject);
      answer.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        if (answer.statusCode === 200) resolve(text);
        else reject(new Error(`${path}: answered ${answer.statusCode}: ${text}`));
      });
    });
    asking.on('timeout', () => asking.destroy(new Error(`${path}: no answer within ${answerMillisecondsMax} ms`)));
    asking.on('error', reject);
    asking.end(body);
  });
}
