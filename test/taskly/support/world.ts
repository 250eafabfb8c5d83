import { connectDatabase, ensureBuilt, runMigrate, startReplica, type Replica } from './backend.ts';
import { startPostgres, type PostgresServer } from './postgres.ts';

export interface World {
  readonly database: PostgresServer;
  readonly replicas: Replica[];
  /** The first replica's address. */
  readonly url: string;
  /** Another replica on the same database, stopped with the rest. */
  add(env?: Record<string, string>): Promise<Replica>;
  end(): Promise<void>;
}

interface WorldOptions {
  readonly replicas?: number;
  readonly env?: Record<string, string>;
  readonly fast?: boolean;
  readonly settings?: Record<string, string>;
  /** A running server to make the database on; it is left running. */
  readonly on?: PostgresServer | undefined;
}

let databases = 0;

/** A new, empty database. @returns its address */
export async function createDatabase(server: PostgresServer): Promise<string> {
  const name = `taskly_${process.pid}_${++databases}`;
  const client = await connectDatabase(server.url);
  await client.query(`create database ${name}`);
  await client.end();
  return server.url.replace(/[^/]*$/, name);
}

async function ownDatabase(on: PostgresServer): Promise<PostgresServer> {
  const url = await createDatabase(on);
  return { ...on, url, remove: async () => undefined };
}

/** A migrated database and `replicas` backends on it. */
export async function startWorld({ replicas = 1, env = {}, fast = true, settings = {}, on }: WorldOptions = {}): Promise<World> {
  await ensureBuilt();
  const database = on ? await ownDatabase(on) : await startPostgres({ fast, settings });
  const running: Replica[] = [];
  const add = async (more: Record<string, string> = {}): Promise<Replica> => {
    const replica = await startReplica(database.url, { GANTRY_REPLICA: `backend-${running.length + 1}`, ...env, ...more });
    running.push(replica);
    return replica;
  };
  const end = async (): Promise<void> => {
    await Promise.all(running.map((replica) => replica.stop()));
    await database.remove();
  };
  try {
    const migrated = await runMigrate(database.url);
    if (migrated.code !== 0) throw new Error(migrated.output);
    for (let i = 0; i < replicas; i++) await add();
  } catch (error) {
    await end();
    throw error;
  }
  return {
    database,
    replicas: running,
    get url() {
      return running[0]?.url ?? '';
    },
    add,
    end,
  };
}
