import { connect } from 'node:net';

export interface Exchange {
  readonly begin: string;
  /** Sent again and again, a second apart, until the other side has enough. */
  readonly drip?: string | undefined;
}

/** Raw bytes on a connection, and everything that comes back until it is closed. */
export function exchange({ hostname, port }: Pick<URL, 'hostname' | 'port'>, { begin, drip }: Exchange): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    const socket = connect(Number(port), hostname, () => socket.write(begin));
    const dripping = drip === undefined ? undefined : setInterval(() => socket.write(drip), 1_000);
    socket.setEncoding('utf8');
    socket.on('data', (chunk: string) => (text += chunk));
    socket.on('error', () => undefined); // closed while we were still sending: 'close' follows
    socket.on('end', () => socket.end());
    socket.on('close', () => {
      clearInterval(dripping);
      resolve(text);
    });
  });
}
