import { database } from './database.js';

await database.query(`
  CREATE TABLE IF NOT EXISTS pings (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT now()
  )
`);
await database.end();
console.log('the table pings is there');
