import pg from 'pg';

const { builtins } = pg.types;

// Counters fit into a number; a calendar date has no time zone and stays the text it is.
const PARSERS: Readonly<Record<number, (text: string) => unknown>> = { [builtins.INT8]: Number, [builtins.DATE]: (text) => text };

const types = {
  getTypeParser: (oid: number, format?: 'text' | 'binary') =>
    PARSERS[oid] ?? (pg.types.getTypeParser(oid, format as 'text') as (text: string) => unknown),
};

/** Timeouts on the server's side too, so that nothing that we gave up keeps a lock or a slot. */
export function clientOptions(url: string, name: string): pg.ClientConfig {
  return {
    connectionString: url,
    application_name: name,
    keepAlive: true,
    statement_timeout: 2000,
    lock_timeout: 1500,
    idle_in_transaction_session_timeout: 5000,
    types: types as NonNullable<pg.ClientConfig['types']>,
  };
}
