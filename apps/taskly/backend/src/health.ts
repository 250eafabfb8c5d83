import * as z from 'zod';
import type { App, Deps } from './app.ts';
import { Budget, type Database } from './db/database.ts';
import { readMigrations } from './db/migrations.ts';

const READY_MS = 1000;
const MIGRATIONS = new URL('../migrations/', import.meta.url);

const health = z.object({ status: z.literal('healthy'), release: z.string(), replica: z.string() });
const live = z.object({ status: z.literal('alive') });
const ready = z.object({ status: z.literal('ready') });
const unready = z.object({ status: z.literal('unready'), reason: z.enum(['database', 'migrations', 'draining']) });

export async function healthRoutes(app: App, { config, db, lifecycle }: Deps): Promise<void> {
  const needed = (await readMigrations(MIGRATIONS)).at(-1)?.version ?? 0;

  app.get('/api/health', { schema: { summary: 'Which release and replica answers', response: { 200: health } } }, async () => ({
    status: 'healthy' as const,
    release: config.release,
    replica: config.replica,
  }));

  // Says nothing of the database: starting this process anew would not bring it back.
  app.get('/api/health/live', { schema: { summary: 'The process turns', response: { 200: live } } }, async () => ({
    status: 'alive' as const,
  }));

  app.get(
    '/api/health/ready',
    { schema: { summary: 'Can serve requests', response: { 200: ready, 503: unready } } },
    async (_request, reply) => {
      const reason = lifecycle.draining ? 'draining' : await obstacle(db, needed);
      if (!reason) return reply.send({ status: 'ready' });
      return reply.code(503).header('retry-after', 1).send({ status: 'unready', reason });
    },
  );
}

async function obstacle(db: Database, needed: number): Promise<'database' | 'migrations' | undefined> {
  try {
    const [row] = await db.read(new Budget(READY_MS), (query) =>
      query<{ there: boolean }>("select to_regclass('schema_migrations') is not null as there"),
    );
    if (!row?.there) return 'migrations';
    const [last] = await db.read(new Budget(READY_MS), (query) =>
      query<{ version: number }>('select coalesce(max(version), 0) as version from schema_migrations'),
    );
    return (last?.version ?? 0) >= needed ? undefined : 'migrations';
  } catch {
    return 'database';
  }
}
