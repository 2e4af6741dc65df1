import { PGlite } from '@electric-sql/pglite';
import { Kysely, PGliteDialect, type DatabaseConnection, type Dialect, type Driver } from 'kysely';
import { migrate } from '../../../shared/audit/migrations.ts';
import type { Database } from '../../../shared/audit/tables.ts';

/** Stands before every statement and every commit; a run puts its own there. */
export type Gate = <Answer>(what: 'statement' | 'commit', go: () => Promise<Answer>) => Promise<Answer>;

export interface GatedDatabase {
  readonly database: Kysely<Database>;
  /** Null: open. */
  setGate(gate: Gate | null): void;
}

/** The embedded database, with a gate before it: it costs more to start than a run, so the runs of a process share it. */
export async function gatedDatabase(): Promise<GatedDatabase> {
  let gate: Gate | null = null;
  const through: Gate = (what, go) => (gate === null ? go() : gate(what, go));
  const inner = new PGliteDialect({ pglite: new PGlite() });
  const dialect: Dialect = {
    createAdapter: () => inner.createAdapter(),
    createIntrospector: (database) => inner.createIntrospector(database),
    createQueryCompiler: () => inner.createQueryCompiler(),
    createDriver: () => gatedDriver(inner.createDriver(), through),
  };
  const database = new Kysely<Database>({ dialect });
  await migrate(database);
  return {
    database,
    setGate(next) {
      gate = next;
    },
  };
}

function gatedDriver(inner: Driver, through: Gate): Driver {
  const behind = new WeakMap<DatabaseConnection, DatabaseConnection>();
  const innerOf = (connection: DatabaseConnection) => behind.get(connection) ?? connection;
  return {
    init: () => inner.init(),
    async acquireConnection() {
      const connection = await inner.acquireConnection();
      const gated: DatabaseConnection = {
        executeQuery: (query) => through('statement', () => connection.executeQuery(query)),
        streamQuery: (query, chunkSize) => connection.streamQuery(query, chunkSize),
      };
      behind.set(gated, connection);
      return gated;
    },
    beginTransaction: (connection, settings) => inner.beginTransaction(innerOf(connection), settings),
    commitTransaction: (connection) => through('commit', () => inner.commitTransaction(innerOf(connection))),
    rollbackTransaction: (connection) => inner.rollbackTransaction(innerOf(connection)),
    releaseConnection: (connection) => inner.releaseConnection(innerOf(connection)),
    destroy: () => inner.destroy(),
  };
}
