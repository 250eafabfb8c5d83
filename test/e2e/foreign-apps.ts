/** Three apps that were not written for Gantry, made in empty folders by the tools of their own worlds. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';

/** How packages are found and kept on this machine; everything else of the surroundings stays outside. */
const packageSettings =
  /^(npm_config_(registry|cache|cafile)|pip_(index_url|extra_index_url|find_links|cert|cache_dir)|https?_proxy|no_proxy|node_extra_ca_certs|ssl_cert_file|requests_ca_bundle)$/i;

export const packageEnv: Readonly<Record<string, string>> = {
  npm_config_cache: join(homedir(), '.npm'),
  PIP_CACHE_DIR: join(homedir(), '.cache/pip'),
  ...Object.fromEntries(
    Object.entries(process.env).filter((entry): entry is [string, string] => packageSettings.test(entry[0]) && entry[1] !== undefined),
  ),
};

/** Runs a tool as a person would; its whole output is the error when it fails. */
export async function tool(
  folder: string,
  argv: readonly [string, ...string[]],
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  mkdirSync(folder, { recursive: true });
  const clean = {
    PATH: process.env['PATH'] ?? '',
    HOME: join(folder, '../home'),
    CI: '1',
    npm_config_update_notifier: 'false',
    ...packageEnv,
    ...env,
  };
  const child = spawn(argv[0], argv.slice(1), { cwd: folder, env: clean, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`${argv.join(' ')} ended with ${code}\n${output}`);
  return output;
}

/** Whether packages can be had: asked of npm and of pip, which take their settings from many places. */
export async function missingRegistry(): Promise<string | undefined> {
  const folder = mkdtempSync(join(tmpdir(), 'gantry-registry-'));
  const asked = await Promise.allSettled([
    tool(folder, ['npm', 'view', 'create-vite', 'version']),
    tool(folder, ['python3', '-m', 'pip', 'download', '--no-deps', '--quiet', '--dest', folder, 'sqlparse']),
  ]);
  rmSync(folder, { recursive: true });
  return asked.every(({ status }) => status === 'fulfilled') ? undefined : 'the package registries cannot be reached from here';
}

/** A published npm server in a folder of its own: `npm install verdaccio`. One of its packages asks for a tag that mirrors often lack. */
export async function verdaccio(folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'registry', private: true, overrides: { 'node-fetch': '2.7.0' } }));
  await tool(folder, ['npm', 'install', 'verdaccio@6']);
}

const djangoDatabase = `DATABASES = {
    'default': {
        'ENGINE': 'django.db.backends.postgresql',
        'NAME': os.environ['POSTGRES_DB'],
        'USER': os.environ['POSTGRES_USER'],
        'PASSWORD': os.environ['POSTGRES_PASSWORD'],
        'HOST': os.environ['POSTGRES_HOST'],
        'PORT': os.environ['POSTGRES_PORT'],
    }
}
`;

/** `django-admin startproject`, with PostgreSQL in its settings and its packages in requirements.txt. */
export async function django(folder: string): Promise<void> {
  const tools = join(folder, '../django-tools');
  await tool(folder, ['python3', '-m', 'venv', tools]);
  await tool(folder, [join(tools, 'bin/pip'), 'install', '--quiet', 'django', 'gunicorn', 'psycopg[binary]']);
  await tool(folder, [join(tools, 'bin/django-admin'), 'startproject', 'mysite', '.']);
  writeFileSync(join(folder, 'requirements.txt'), await tool(folder, [join(tools, 'bin/pip'), 'freeze', '--quiet']));
  edit(join(folder, 'mysite/settings.py'), /DATABASES = \{[\s\S]*?\n\}\n/, djangoDatabase);
  edit(join(folder, 'mysite/settings.py'), 'from pathlib import Path', 'import os\nfrom pathlib import Path');
}

const notes = `const express = require('express');
const { Pool } = require('pg');

const router = express.Router();
const pool = new Pool({ connectionString: process.env.DATABASE_URL });

router.get('/', async (req, res) => {
  const { rows } = await pool.query('SELECT count(*)::int AS count FROM notes');
  res.json(rows[0]);
});

router.post('/', async (req, res) => {
  const { rows } = await pool.query('INSERT INTO notes (text) VALUES ($1) RETURNING id', [req.body.text]);
  res.status(201).json(rows[0]);
});

module.exports = router;
`;

const migrate = `const { Client } = require('pg');

const client = new Client({ connectionString: process.env.DATABASE_URL });
client
  .connect()
  .then(() => client.query('CREATE TABLE IF NOT EXISTS notes (id serial PRIMARY KEY, text text NOT NULL)'))
  .then(() => client.end());
`;

/** What `npm create vite` and `express-generator` make, with a table of notes between them. */
export async function viteAndExpress(folder: string): Promise<void> {
  await tool(folder, ['npm', 'create', '--yes', 'vite@9', 'frontend', '--', '--template', 'react', '--no-interactive']);
  await tool(folder, ['npx', '--yes', 'express-generator@4', '--no-view', 'api']);
  const api = join(folder, 'api');
  writeFileSync(join(api, 'routes/notes.js'), notes);
  writeFileSync(join(api, 'migrate.js'), migrate);
  edit(
    join(api, 'app.js'),
    "app.use('/users', usersRouter);",
    "app.use('/users', usersRouter);\napp.use('/api/notes', require('./routes/notes'));",
  );
  edit(join(api, 'package.json'), '"start": "node ./bin/www"', '"start": "node ./bin/www",\n    "migrate": "node migrate.js"');
  await tool(api, ['npm', 'install', 'pg@8']);
  // The linter of the template comes as one package for each kind of machine, and mirrors often lack some: `npm ci` would then fail.
  await tool(join(folder, 'frontend'), ['npm', 'uninstall', 'oxlint']);
}

/** Replaces a text that must be there once. */
export function edit(file: string, from: string | RegExp, to: string): void {
  const before = readFileSync(file, 'utf8');
  const after = before.replace(from, () => to);
  if (after === before) throw new Error(`${file} has no ${String(from)}`);
  writeFileSync(file, after);
}
