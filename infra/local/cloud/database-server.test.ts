import { Pool } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { serveDatabase, type DatabaseServer } from './database-server.ts';

let server: DatabaseServer;
let pool: Pool;
beforeAll(async () => {
  server = await serveDatabase();
  pool = new Pool({ connectionString: server.url, max: 4, statement_timeout: 10_000 });
  await pool.query('create table kept (id int primary key, what text)');
});
afterAll(async () => {
  await pool.end();
  await server.close();
});

describe('the database server', () => {
  it('answers queries with parameters, many at once and in their order', async () => {
    const sums = await Promise.all(Array.from({ length: 20 }, (_, n) => pool.query<{ sum: number }>('select $1::int + 1 as sum', [n])));
    expect(sums.map(({ rows }) => rows[0]?.sum)).toEqual(Array.from({ length: 20 }, (_, n) => n + 1));
  });

  it('keeps a transaction apart from what others ask meanwhile', async () => {
    const one = await pool.connect();
    await one.query('begin');
    await one.query("insert into kept values (1, 'one')");
    const others = pool.query<{ count: string }>('select count(*) from kept');
    await one.query("insert into kept values (2, 'two')");
    await one.query('commit');
    one.release();
    expect((await others).rows[0]?.count).toBe('2');
  });

  it('says what is wrong with a statement, and goes on', async () => {
    await expect(pool.query('select nothing from nowhere')).rejects.toMatchObject({ code: '42P01' });
    await expect(pool.query("insert into kept values (2, 'again')")).rejects.toMatchObject({ code: '23505' });
    expect((await pool.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
  });

  it('undoes what a connection had begun when it went away', async () => {
    const gone = await pool.connect();
    await gone.query('begin');
    await gone.query("insert into kept values (7, 'seven')");
    gone.release(true);
    expect((await pool.query('select id from kept where id = 7')).rows).toEqual([]);
  });

  it('lets nobody in without the password', async () => {
    const stranger = new Pool({ connectionString: server.url.replace(/:[0-9a-f]+@/, ':guess@') });
    await expect(stranger.query('select 1')).rejects.toMatchObject({ code: '28P01' });
    await stranger.end();
  });
});
