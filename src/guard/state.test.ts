import { describe, expect, it } from 'vitest';
import { findings, found, plain, webApp } from './testing/app-folder.ts';

const two = webApp(...plain, 'replicas: 2');
const express = (more: Record<string, string> = {}): string => JSON.stringify({ dependencies: { express: '5', ...more } });
const todos = `const app = require('express')();
// const drafts = [];
const todos = [];
app.get('/todos', (request, response) => response.json(todos));
app.post('/todos', (request, response) => {
  todos.push(request.body);
  response.status(201).end();
});
`;
const inMemory = 'block: web runs 2 replicas but keeps its data in memory';

describe('G01: data in the memory of one replica', () => {
  it('is named with its line, and what to do instead', async () => {
    const all = await findings('G01', { files: { 'gantry.yaml': two, 'web/package.json': express(), 'web/server.js': todos } });
    expect(all).toEqual([
      {
        id: 'G01',
        severity: 'block',
        message: 'web runs 2 replicas but keeps its data in memory',
        where: 'web/server.js:3',
        why: 'Each replica has a "todos" of its own, so people will see what they entered appear and vanish.',
        fix: 'Bind a database (resources: { db: { type: postgres, version: 17 } }), or set replicas: 1 (gantry.yaml:10:5).',
      },
    ]);
  });

  it('is found behind npm, imports, a class with one object, a one-line handler and an object of lists', async () => {
    const store = 'export class Todos {\n  #entries = new Map();\n  add(entry) {\n    this.#entries.set(entry.id, entry);\n  }\n}\n';
    const server =
      "import { Todos } from './lib/store.js';\nconst list = new Todos();\nroutes['POST /todos'] = (entry) => list.add(entry);\n";
    const files = {
      'gantry.yaml': webApp('run: npm run start', ...plain.slice(1), 'scale: { min: 1, max: 4 }'),
      'web/package.json': JSON.stringify({ scripts: { start: 'node src/main.js' } }),
      'web/src/main.js': server,
      'web/src/lib/store.js': store,
    };
    expect(await found('G01', { files })).toEqual([
      'block: web runs up to 4 replicas but keeps its data in memory  web/src/lib/store.js:2',
    ]);
    const line = "const items = [{ name: 'sample' }];\napp.post('/items', (request) => items.push(request.body));\n";
    expect(await found('G01', { files: { 'gantry.yaml': two, 'web/server.js': line } })).toEqual([`${inMemory}  web/server.js:1`]);
    const lists = "const db = {\n  users: [],\n};\napp.post('/users', (request) => {\n  db.users.push(request.body);\n});\n";
    expect(await found('G01', { files: { 'gantry.yaml': two, 'web/server.js': lists } })).toEqual([`${inMemory}  web/server.js:1`]);
  });

  it('is found in TypeScript that is built first, and in modules that share a list', async () => {
    const files = {
      'gantry.yaml': webApp('prepare: npm ci', 'run: node dist/main.js', ...plain.slice(1), 'replicas: 2'),
      'web/src/models.ts': 'export const orders: Order[] = [];\n',
      'web/src/routes.ts':
        "import { orders } from './models.ts';\nrouter.post('/orders', (request) => {\n  orders.push(request.body);\n});\n",
    };
    expect(await found('G01', { files })).toEqual([`${inMemory}  web/src/models.ts:1`]);
  });

  it('is found in Python', async () => {
    const flask =
      "app = Flask(__name__)\n# notes = []\nnotes = {}\n\n@app.route('/notes', methods=['POST'])\ndef add():\n    notes[request.json['id']] = request.json\n    return '', 201\n";
    const files = { 'gantry.yaml': webApp('run: gunicorn app:app', ...plain.slice(1), 'replicas: 2'), 'web/app.py': flask };
    expect(await found('G01', { files })).toEqual([`${inMemory}  web/app.py:3`]);
  });
});

describe('G01: data in a file of one replica', () => {
  it('is found in a database file, a written file and a file of Django', async () => {
    const sqlite =
      "const Database = require('better-sqlite3');\nconst db = new Database('shop.db');\napp.post('/x', () => db.exec('insert'));\n";
    expect(
      await found('G01', {
        files: { 'gantry.yaml': two, 'web/package.json': express({ 'better-sqlite3': '11' }), 'web/server.js': sqlite },
      }),
    ).toEqual(['block: web runs 2 replicas but keeps its data in a database file of its own  web/server.js:1']);
    const written =
      "const file = path.join(__dirname, 'todos.json');\napp.put('/todos', (request) => {\n  fs.writeFileSync(file, JSON.stringify(request.body));\n});\n";
    expect(await found('G01', { files: { 'gantry.yaml': two, 'web/server.js': written } })).toEqual([
      'block: web runs 2 replicas but writes its data to a file of its own  web/server.js:3',
    ]);
    const django = {
      'gantry.yaml': webApp('run: gunicorn shop.wsgi', ...plain.slice(1), 'replicas: 2'),
      'web/shop/settings.py': "DATABASES = {\n    'default': {\n        'ENGINE': 'django.db.backends.sqlite3',\n",
      'web/shop/views.py': "@require_http_methods(['POST'])\ndef add(request):\n    methods = ['POST']\n",
    };
    expect(await found('G01', { files: django })).toEqual([
      'block: web runs 2 replicas but keeps its data in a database file of its own  web/shop/settings.py:3',
    ]);
  });

  it('is found in uploads, also beside a database', async () => {
    const bound = `${webApp(...plain, 'replicas: 2', "variables: { DATABASE_URL: '${db.url}' }")}resources: { db: { type: postgres, version: 17 } }\n`;
    const server =
      "const multer = require('multer');\nconst upload = multer({ dest: 'uploads/' });\napp.post('/files', upload.single('file'), done);\n";
    const files = { 'gantry.yaml': bound, 'web/package.json': express({ multer: '2' }), 'web/server.js': server };
    expect(await found('G01', { files })).toEqual(['block: web runs 2 replicas but keeps uploads on its own disk  web/server.js:2']);
    const passing = { ...files, 'web/server.js': `${server}fs.unlinkSync(file);\n` };
    expect(await found('G01', { files: passing })).toEqual([]);
  });

  it('is found in sessions without a shared store, also beside a database', async () => {
    const bound = webApp(...plain, 'replicas: 2', 'secrets: [DATABASE_URL]');
    const server = (options: string): string =>
      `const session = require('express-session');\napp.use(\n  session({\n    ${options}\n  }),\n);\n`;
    const files = (options: string): Record<string, string> => ({
      'gantry.yaml': bound,
      'web/package.json': express({ 'express-session': '1' }),
      'web/server.js': server(options),
    });
    expect(await found('G01', { files: files('secret: process.env.SESSION_KEY,') })).toEqual([
      'block: web runs 2 replicas but keeps its sessions in memory  web/server.js:3',
    ]);
    expect(await found('G01', { files: files('store: new RedisStore({ client }),') })).toEqual([]);
  });
});

describe('G01 finds nothing', () => {
  const expectNone = async (files: Record<string, string>): Promise<void> => expect(await found('G01', { files })).toEqual([]);

  it('with one replica, with a database, with a client of one, or where nothing is entered', async () => {
    await expectNone({ 'gantry.yaml': webApp(...plain), 'web/server.js': todos });
    const bound = `${webApp(...plain, 'replicas: 2', 'variables: { PGHOST: "${db.host}" }')}resources: { db: { type: postgres, version: 17 } }\n`;
    await expectNone({ 'gantry.yaml': bound, 'web/server.js': todos });
    await expectNone({ 'gantry.yaml': webApp(...plain, 'replicas: 2', 'secrets: [MONGO_URL]'), 'web/server.js': todos });
    await expectNone({ 'gantry.yaml': two, 'web/package.json': express({ mongoose: '8' }), 'web/server.js': todos });
    await expectNone({ 'gantry.yaml': two, 'web/server.js': 'const hits = [];\nserver.get("/", () => {\n  hits.push(1);\n});\n' });
  });

  it('in what may be lost, what is filled once, tests, comments and the code of browsers', async () => {
    const passing =
      "const cache = new Map();\nconst clients = new Set();\napp.post('/x', (request) => {\n  cache.set(request.url, 1);\n  clients.add(request);\n});\n";
    await expectNone({ 'gantry.yaml': two, 'web/server.js': passing });
    const filled = "const countries = [];\nfor (const name of names) countries.push(name);\napp.post('/x', () => save(countries));\n";
    await expectNone({ 'gantry.yaml': two, 'web/server.js': filled.replace('for (const name of names) countries', 'countries') });
    const commented = "/*\nconst todos = [];\n*/\napp.post('/x', () => {\n  todos.push(1);\n});\n";
    await expectNone({ 'gantry.yaml': two, 'web/server.js': commented });
    await expectNone({
      'gantry.yaml': two,
      'web/test/server.js': todos,
      'web/server.test.js': todos,
      'web/server.js': 'app.post("/x", f);\n',
    });
    const page = "const items = [];\nfetch('/x', { method: 'POST' });\nbutton.onclick = () => {\n  items.push(1);\n};\n";
    await expectNone({
      'gantry.yaml': webApp('run: gunicorn app:app', ...plain.slice(1), 'replicas: 2'),
      'web/app.py': "@app.route('/x', methods=['POST'])\ndef add():\n    return save(request.json)\n",
      'web/static/app.js': page,
      'web/ui/app.js': page,
      'web/app.js': page,
    });
    await expectNone({ 'gantry.yaml': webApp('run: ./server', ...plain.slice(1), 'replicas: 2'), 'web/page.js': page });
    const browser = "const drafts = [];\nfetch('/x', { method: 'POST' });\nexport const add = (draft) => {\n  drafts.push(draft);\n};\n";
    await expectNone({
      'gantry.yaml': webApp('run: node dist/server.js', ...plain.slice(1), 'replicas: 2'),
      'web/index.html': '<script type="module" src="/src/main.ts"></script>',
      'web/src/main.ts': browser,
      'web/server/main.ts': "serve('dist');\n",
    });
  });
});
