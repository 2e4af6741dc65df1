import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { accepted } from '../../infra/local/cloud/wire-messages.ts';
import { parseEnvironment } from '../environment.ts';
import { connectDatabase } from './connect.ts';

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'connect-database-'));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

const query = 'Q'.charCodeAt(0);
const commandComplete = Buffer.from('C\0\0\0\u000dSELECT 0\0', 'latin1');
const ready = Buffer.from('Z\0\0\0\u0005I', 'latin1');

it('a connection that the server ends while nobody uses it is made anew, and ends no function', async () => {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.once('data', () => {
      socket.write(accepted);
      socket.on('data', (message) => message[0] === query && socket.write(Buffer.concat([commandComplete, ready])));
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const file = join(directory, 'database-url');
  await writeFile(file, `postgres://u:p@127.0.0.1:${(server.address() as AddressInfo).port}/d`);
  const database = await connectDatabase(
    parseEnvironment({ KUBERNAUT_QUEUE_URL_PREFIX: 'https://none.invalid/', KUBERNAUT_DATABASE_URL_FILE: file }, ['database']),
  );
  const ask = () => sql`select 1`.execute(database);

  await ask();
  const [first] = sockets;
  const ended = first === undefined ? undefined : once(first, 'close');
  first?.end();
  await ended;
  await ask();
  expect(sockets).toHaveLength(2);
  await database.destroy();
  server.close();
});
