/** What a folder with a Python program is and how it runs: Django, Flask, FastAPI and their like, in a virtual environment of their own. */
import { baseName, folderOf, type Source, type View } from './listing.ts';
import { emptyPart, guess, sure, type Client, type CommandLine, type Found, type Part, type Remark } from './part.ts';
import { firstHit, healthIn, mountsIn, portIn, prefixesIn, pythonSources, readsIn } from './source.ts';

/**
 * `.venv/bin/python -m TOOL` rather than `.venv/bin/TOOL`: pip writes the absolute path of the environment into the latter,
 * and a prepared folder may be moved afterwards.
 */
const python = '.venv/bin/python';
const pip = `${python} -m pip install`;
const venv = sure<CommandLine>('python3 -m venv .venv', 'Python packages go into a folder of their own');

export function pythonPart(view: View): Part | undefined {
  const requirements = requirementsOf(view);
  const sources = view.sources(pythonSources);
  if (requirements === undefined || (sources.length === 0 && !view.has('manage.py'))) return undefined;
  const facts = { view, sources, packages: requirements.packages, pip: requirements.pip };
  const part = {
    ...emptyPart(view.folder, 'server', 'python'),
    ...(view.folder === '.' ? {} : { name: baseName(view.folder) }),
    clients: clientsOf(facts),
    reads: readsIn(view),
  };
  const program = django(facts) ?? asgi(facts) ?? flask(facts) ?? plain(facts);
  if (program === undefined) return undefined;
  const { extra, ...rest } = program;
  return { ...part, ...rest, prepare: [...requirements.install, ...extra], remarks: [...requirements.remarks, ...(rest.remarks ?? [])] };
}

interface Facts {
  readonly view: View;
  readonly sources: readonly Source[];
  /** Names of packages, lower case. */
  readonly packages: ReadonlySet<string>;
  /** The command that installs one more package. */
  readonly pip: string;
}

type Program = Partial<Part> & { readonly run: Found<CommandLine>; readonly extra: readonly Found<CommandLine>[] };

interface Requirements {
  readonly packages: ReadonlySet<string>;
  readonly pip: string;
  readonly install: readonly Found<CommandLine>[];
  readonly remarks: readonly Remark[];
}

function requirementsOf(view: View): Requirements | undefined {
  const list = view.first('requirements.txt', 'requirements/production.txt', 'requirements/base.txt');
  const project = view.text('pyproject.toml');
  const packages = new Set([
    ...listedNames(`${view.text('requirements.txt') ?? ''}\n${project ?? ''}\n${view.text('Pipfile') ?? ''}`),
    ...quotedNames(project ?? ''),
  ]);
  if (list !== undefined) return { packages, pip, install: [venv, sure(`${python} -m pip install -r ${list}`, list)], remarks: [] };
  if (view.has('uv.lock')) return { packages, pip: 'uv pip install', install: [sure('uv sync --frozen', 'uv.lock')], remarks: [] };
  if (project !== undefined) return { packages, pip, install: [venv, sure(`${python} -m pip install .`, 'pyproject.toml')], remarks: [] };
  if (view.has('Pipfile'))
    return {
      packages,
      pip,
      install: [venv],
      remarks: [
        {
          what: 'the packages of Pipfile are not installed',
          why: 'write them to requirements.txt (pipenv requirements > requirements.txt)',
          sure: false,
        },
      ],
    };
  if (view.has('manage.py'))
    return {
      packages: new Set(['django']),
      pip,
      install: [venv, guess(`${python} -m pip install django`, 'there is no requirements.txt')],
      remarks: [],
    };
  return undefined;
}

/** One name a line, as in requirements.txt, Pipfile and Poetry's tables. */
function listedNames(text: string): readonly string[] {
  return [...text.matchAll(/^\s*([A-Za-z][\w.-]{0,80})(\[[\w, -]{0,100}\])?\s*(?:[=<>~!;@]|$)/gm)].flatMap(([, name, extras]) =>
    namesOf(name, extras),
  );
}

/** `dependencies = ["fastapi[standard]>=0.1", "redis"]` */
function quotedNames(project: string): readonly string[] {
  return [...project.matchAll(/["']([A-Za-z][\w.-]{0,80})(\[[\w, -]{0,100}\])?\s*(?:[=<>~!;@][^"'\n]{0,100})?["']/g)].flatMap(
    ([, name, extras]) => namesOf(name, extras),
  );
}

function namesOf(name = '', extras = ''): readonly string[] {
  const plain = name.toLowerCase().replaceAll('_', '-');
  return plain === 'fastapi' && extras.includes('standard') ? [plain, 'uvicorn'] : [plain];
}

const clientPackages: Readonly<Record<string, Client>> = {
  psycopg: 'postgres',
  psycopg2: 'postgres',
  'psycopg2-binary': 'postgres',
  'psycopg-binary': 'postgres',
  asyncpg: 'postgres',
  pg8000: 'postgres',
  redis: 'redis',
  'django-redis': 'redis',
  aioredis: 'redis',
  rq: 'redis',
  valkey: 'redis',
  mysqlclient: 'mysql',
  pymysql: 'mysql',
  'mysql-connector-python': 'mysql',
  aiomysql: 'mysql',
  pymongo: 'mongodb',
  motor: 'mongodb',
  mongoengine: 'mongodb',
  aiosqlite: 'sqlite',
};

function clientsOf({ packages, sources }: Facts): readonly Found<Client>[] {
  const direct = [...packages].flatMap((name) =>
    Object.hasOwn(clientPackages, name) ? [sure(clientPackages[name] as Client, `the program depends on ${name}`)] : [],
  );
  const sqlite = firstHit(sources, /django\.db\.backends\.(sqlite3)/, /\bsqlite:\/\/\/(\w)/, /^\s*import (sqlite3)/m);
  return sqlite === undefined || direct.some(({ value }) => value !== 'redis')
    ? direct
    : [...direct, sure('sqlite', `${sqlite.source.path} uses SQLite`)];
}

function django({ view, sources, packages, pip }: Facts): Program | undefined {
  const manage = view.text('manage.py') ?? (view.has('manage.py') ? '' : undefined);
  if (manage === undefined) return undefined;
  const settings = /DJANGO_SETTINGS_MODULE['"]\s*,\s*['"]([\w.]{1,100})['"]/.exec(manage)?.[1];
  const wsgi = view.paths().find((path) => baseName(path) === 'wsgi.py' && /^[\w/]+\.py$/.test(path));
  const project = wsgi === undefined ? (settings ?? 'project').split('.')[0] : folderOf(wsgi).replaceAll('/', '.');
  const urls = sources.filter(({ path }) => baseName(path) === 'urls.py');
  const admin =
    sources.some(({ text }) => /['"]django\.contrib\.admin['"]/.test(text)) && urls.some(({ text }) => /admin\.site\.urls/.test(text));
  const health =
    djangoHealth(urls) ??
    (admin
      ? guess({ path: '/admin/login/' }, 'the admin site answers it; a path of your own that asks the database is better')
      : undefined);
  return {
    run: sure(`${python} -m gunicorn ${project}.wsgi`, `gunicorn reads PORT by itself; ${wsgi ?? 'manage.py'} names the project`),
    extra: packages.has('gunicorn') ? [] : [guess(`${pip} gunicorn`, 'the server of `manage.py runserver` is for development only')],
    port: sure({ number: 8000, fixed: false }, 'gunicorn reads PORT and falls back to 8000'),
    migrate: sure(`${python} manage.py migrate --noinput`, 'manage.py'),
    prefixes: prefixesIn(urls),
    remarks: admin && !packages.has('whitenoise') ? [unstyled] : [],
    ...(health === undefined ? {} : { health }),
  };
}

const unstyled: Remark = {
  what: 'the admin site would have no style',
  why: 'gunicorn serves no static files: add WhiteNoise to the middleware (pip install whitenoise)',
  sure: false,
};

/** Django writes paths without the slash in front. */
function djangoHealth(urls: readonly Source[]): Part['health'] {
  const hit = firstHit(urls, /\bpath\(\s*['"]((?:[\w-]{1,40}\/){0,2}(?:health|healthz|ready|readyz)\/?)['"]/);
  return hit === undefined ? undefined : sure({ path: `/${hit.groups[0]}` }, `found in ${hit.source.path}`);
}

function asgi(facts: Facts): Program | undefined {
  const app = appIn(facts, /^(\w{1,40})\s*(?::[^=\n]{1,60})?=\s*(?:FastAPI|Starlette|Litestar|Sanic|Quart)\(/m);
  if (app === undefined) return undefined;
  const code = `import os, uvicorn; uvicorn.run('${app.target}', host=os.environ.get('HOST', '127.0.0.1'), port=int(os.environ['PORT']))`;
  return {
    ...shared(facts, { path: '/openapi.json' }, 'FastAPI answers it'),
    run: sure([python, '-c', code], `${app.path} makes the app; uvicorn does not read PORT by itself`),
    extra: facts.packages.has('uvicorn') ? [] : [guess(`${facts.pip} uvicorn`, 'no server for the app was found among its packages')],
    port: sure({ number: 8000, fixed: false }, 'given to uvicorn from PORT'),
  };
}

function flask(facts: Facts): Program | undefined {
  const app = appIn(facts, /^(\w{1,40})\s*=\s*(?:Flask|Bottle|falcon\.App|connexion\.FlaskApp)\(/m) ?? factory(facts);
  if (app === undefined) return undefined;
  return {
    ...shared(facts),
    run: sure(
      `${python} -m gunicorn ${app.target.includes('(') ? `"${app.target}"` : app.target}`,
      `${app.path} makes the app; gunicorn reads PORT by itself`,
    ),
    extra: facts.packages.has('gunicorn') ? [] : [guess(`${facts.pip} gunicorn`, 'the server of `flask run` is for development only')],
    port: sure({ number: 8000, fixed: false }, 'gunicorn reads PORT and falls back to 8000'),
  };
}

function factory({ sources }: Facts): { target: string; path: string } | undefined {
  const hit = firstHit(importable(sources), /^def (create_app|make_app)\(\s*(?:\w+\s*=[^()\n]{0,60})?\)/m);
  return hit === undefined || !/Flask\(/.test(hit.source.text)
    ? undefined
    : { target: `${moduleOf(hit.source.path)}:${hit.groups[0]}()`, path: hit.source.path };
}

function appIn({ sources }: Facts, pattern: RegExp): { target: string; path: string } | undefined {
  const hit = firstHit(importable(sources), pattern);
  return hit === undefined ? undefined : { target: `${moduleOf(hit.source.path)}:${hit.groups[0]}`, path: hit.source.path };
}

const importable = (sources: readonly Source[]): readonly Source[] => sources.filter(({ path }) => /^[\w/]+\.py$/.test(path));

/** `shop/main.py` -> `shop.main` */
function moduleOf(path: string): string {
  return path
    .replace(/\.py$/, '')
    .replace(/\/__init__$/, '')
    .replaceAll('/', '.');
}

function shared({ view, sources, packages }: Facts, fallback?: { path: string }, why = ''): Partial<Part> {
  const health = healthIn(sources, mountsIn(sources)) ?? (fallback && packages.has('fastapi') ? guess(fallback, why) : undefined);
  const migrate = view.has('alembic.ini')
    ? sure<CommandLine>(`${python} -m alembic upgrade head`, 'alembic.ini')
    : packages.has('flask-migrate') && view.paths().some((path) => path.startsWith('migrations/'))
      ? sure<CommandLine>(`${python} -m flask db upgrade`, 'Flask-Migrate and its migrations are there')
      : undefined;
  return { prefixes: prefixesIn(sources), ...(health === undefined ? {} : { health }), ...(migrate === undefined ? {} : { migrate }) };
}

/** A script that starts a server, or just works. */
function plain({ view, sources }: Facts): Program | undefined {
  const entry = view.first('main.py', 'app.py', 'server.py', 'run.py', 'worker.py', '__main__.py');
  if (entry === undefined) return undefined;
  const port = portIn(sources);
  const health = healthIn(sources, []);
  return {
    kind: port === undefined ? 'worker' : 'server',
    run: guess(`${python} ${entry}`, `${entry} looks like the program`),
    extra: [],
    prefixes: prefixesIn(sources),
    ...(port === undefined ? {} : { port }),
    ...(health === undefined ? {} : { health }),
  };
}
