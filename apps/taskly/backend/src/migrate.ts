import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { readDatabaseUrl } from './config.ts';
import { isConnectionLoss, isCrowded } from './db/failures.ts';
import { migrate, readMigrations } from './db/migrations.ts';

const PATIENCE_MS = 15_000;
const FOLDER = new URL('../migrations/', import.meta.url);

/** A database that has just been started may not answer yet. */
async function connect(url: string): Promise<pg.Client> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    const client = new pg.Client({
      connectionString: url,
      application_name: 'taskly-migrate',
      lock_timeout: 60_000,
      statement_timeout: 300_000,
      connectionTimeoutMillis: 5000,
    });
    client.on('error', () => undefined);
    try {
      await client.connect();
      // A migrator that is killed gives its lock back at once, not when its statement would have ended. Not every system can do this.
      await client.query("set client_connection_check_interval = '1s'").catch(() => undefined);
      return client;
    } catch (error) {
      await client.end().catch(() => undefined);
      if (!(isConnectionLoss(error) || isCrowded(error)) || performance.now() > deadline) throw error;
      await sleep(200);
    }
  }
}

async function main(): Promise<void> {
  const migrations = await readMigrations(FOLDER);
  const client = await connect(readDatabaseUrl(process.env));
  try {
    const applied = await migrate(client, migrations, (line) => console.log(line));
    if (applied.length === 0) console.log('nothing to migrate');
  } finally {
    await client.end();
  }
}

try {
  await main();
} catch (error) {
  console.error(`migrate: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
