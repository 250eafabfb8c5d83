import { appendFileSync } from 'node:fs';

appendFileSync(process.env.MIGRATIONS, `${process.env.GANTRY_RELEASE}\n`);
