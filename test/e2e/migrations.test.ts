/** Releases whose migrations the old version can or cannot live with, as a person makes them. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isBuilt, type AppFolder, type Result } from '../rig/gantry.ts';
import { newShop, quick, type Listed, type Shop } from '../rig/shop.ts';

const file = quick.replace('health: /,', 'health: /, migrate: { run: node migrate.js, files: "migrations/*.sql" },');
const base = '-- gantry: expand\ncreate table tasks (id int primary key, owner text not null);\n';
const adds = '-- gantry: expand\nalter table tasks add column due date;\n';
const unsaid = 'alter table tasks rename column owner to account;\n';
const contract = `-- gantry: contract\n${unsaid}`;
const final = '-- gantry: irreversible\n\ndrop table tasks;\n';

describe.skipIf(!isBuilt())('migrations on the command line', () => {
  let shop: Shop;
  let app: AppFolder;

  /** Writes the version with these migrations. The migration itself fails when one of its files says so. */
  function write(version: string, migrations: Readonly<Record<string, string>>): void {
    shop.write(file, version);
    rmSync(join(app.folder, 'web/migrations'), { recursive: true, force: true });
    mkdirSync(join(app.folder, 'web/migrations'));
    for (const [name, sql] of Object.entries(migrations)) writeFileSync(join(app.folder, 'web/migrations', name), sql);
    writeFileSync(
      join(app.folder, 'web/migrate.js'),
      `const fs = require('node:fs');
       for (const name of fs.readdirSync('migrations')) {
         console.log('applied ' + name);
         if (fs.readFileSync('migrations/' + name, 'utf8').includes('kill')) process.kill(process.pid, 'SIGKILL');
       }`,
    );
  }

  const deploy = async (...words: string[]): Promise<Result> => app.run(['deploy', 'local', ...words]);
  const live = async (): Promise<Listed | undefined> => shop.live();

  beforeAll(async () => {
    shop = newShop();
    ({ app } = shop);
    write('one', { '1.sql': base });
    expect(await deploy()).toMatchObject({ code: 0, stdout: expect.stringMatching(/migrate .*web 1 new \(expand\)/) as string });
  });
  afterAll(async () => app.remove());

  it('check reads the first lines, and says which word was meant', async () => {
    write('one', { '1.sql': base, '2.sql': '-- gantry: contarct\nselect 1;\n' });
    const { stdout } = await app.run(['check']);
    expect(stdout).toContain('"contarct" is not expand, contract or irreversible; did you mean "contract"?');
    expect(stdout).toContain('web/migrations/2.sql:1');
  });

  it('what takes away and does not say so is stopped; what says so is asked about; a yes lets it pass', async () => {
    write('two', { '1.sql': base, '2.sql': unsaid });
    const planned = await app.run(['plan', 'local']);
    expect(planned.stdout).toMatch(/no downtime, schema changes\n[^]* {2}schema {2}web\/migrations\/2\.sql:1 renames the column owner/);
    const stopped = await deploy();
    expect(stopped.code).toBe(1);
    expect(stopped.stderr).toContain('G27  migrations/2.sql renames the column owner of tasks to account  web/migrations/2.sql:1');
    write('two', { '1.sql': base, '2.sql': contract });
    const asked = await deploy();
    expect(asked.code).toBe(1);
    expect(asked.stderr).toContain('schema: web/migrations/2.sql:2 renames the column owner of tasks to account (contract).');
    expect(asked.stderr).toContain('--confirm schema');
    expect(await shop.answer()).toBe('one');
    expect(await deploy('--confirm', 'schema')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/migrate .*web 1 new \(contract\)/) as string,
    });
    expect(await shop.answer()).toBe('two');
  });

  it('a rollback asks across it, goes with a yes, and says what stays', async () => {
    const asked = await app.run(['rollback', 'local']);
    expect(asked.code).toBe(1);
    expect(asked.stderr).toContain('Database contents are not rolled back.');
    const gone = await app.run(['rollback', 'local', '--confirm', 'schema']);
    expect(gone).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/migrate .*1 migration stays; database contents are not rolled back/) as string,
    });
    expect(await shop.answer()).toBe('one');
  });

  it('a killed migration leaves the old version, with the truth about the database', async () => {
    write('three', { '1.sql': base, '2.sql': contract, '3.sql': '-- gantry: irreversible\n-- kill\nselect 1;\n' });
    const failed = await deploy('--confirm', 'schema', '--confirm', 'irreversible');
    expect(failed.code).toBe(1);
    expect(failed.stderr).toContain('GR2001');
    expect(failed.stderr).toContain('may have been applied, in whole or in part');
    expect(await shop.answer()).toBe('one');
  });

  it('a rollback across an irreversible one is refused with its line, and --allow-schema-mismatch goes all the same', async () => {
    const before = await live();
    write('four', { '1.sql': base, '2.sql': adds, '3.sql': final });
    expect(await deploy('--yes')).toMatchObject({ code: 1, stderr: expect.stringContaining('--confirm irreversible') as string });
    expect(await deploy('--confirm', 'irreversible')).toMatchObject({ code: 0 });
    const refused = await app.run(['rollback', 'local']);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('GR5005');
    expect(refused.stderr).toContain('web/migrations/3.sql:3 drops the table tasks (irreversible)');
    expect(await shop.answer()).toBe('four');
    expect(await app.run(['rollback', 'local', '--allow-schema-mismatch'])).toMatchObject({ code: 0 });
    expect(await live()).toMatchObject({ release: before?.release });
    expect(await shop.answer()).toBe('one');
  });
});
