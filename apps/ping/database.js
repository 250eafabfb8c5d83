import { Pool } from 'pg';

const env = process.env;

/** Connections are made when they are needed, so that the program starts and answers DOWN while the database is away. */
export const database = new Pool({
  host: env.POSTGRESQL_HOST ?? 'localhost',
  port: Number(env.POSTGRESQL_PORT ?? 5432),
  user: env.POSTGRESQL_USER,
  password: env.POSTGRESQL_PASSWORD,
  database: env.POSTGRESQL_DBNAME,
  max: 5,
  connectionTimeoutMillis: 2_000,
  query_timeout: 2_000,
});

database.on('error', (error) => console.error(`database: ${error.message}`));
