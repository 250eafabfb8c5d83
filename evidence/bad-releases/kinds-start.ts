/** Bad releases that no user should ever see: they do not build, migrate, start, get healthy, or pass the smoke checks. */
import { pageOf } from './folder.ts';
import type { Kind } from './kinds.ts';

type Draft = Omit<Kind, 'reach' | 'codes'> & Partial<Pick<Kind, 'codes'>>;

function unseen(codes: Kind['codes'], drafts: readonly Draft[]): Kind[] {
  return drafts.map((draft) => ({ reach: 'unseen', codes, ...draft }));
}

const ends = unseen(
  ['GL1020'],
  [
    {
      name: 'crash-at-start',
      what: 'ends with exit code 1',
      defect: "console.error('cannot go on'); process.exit(1);",
      says: /cannot go on/,
    },
    { name: 'exits-0', what: 'ends at once, content with itself', defect: 'process.exit(0);', says: /exit 0/ },
    { name: 'throws', what: 'an exception at the top', defect: "throw new TypeError('no such shop');", says: /no such shop/ },
    {
      name: 'rejects',
      what: 'a rejection that nobody handles',
      defect: "Promise.reject(new Error('database away'));",
      says: /database away/,
    },
    { name: 'syntax-error', what: 'code that does not parse', defect: 'const = 1;', says: /SyntaxError/ },
    { name: 'missing-module', what: 'a dependency that is not installed', defect: "require('shop-tools');", says: /Cannot find module/ },
    { name: 'missing-file', what: 'a file that was not committed', files: { 'config.json': null }, says: /ENOENT/ },
    {
      name: 'config-unreadable',
      what: 'configuration with a comma too many',
      files: { 'config.json': '{ "greeting": "hi", }' },
      says: /JSON/,
    },
    {
      name: 'missing-variable',
      what: 'a variable that nobody set',
      defect: "if (!process.env.PAYMENT_URL) throw new Error('PAYMENT_URL is not set');",
      says: /PAYMENT_URL/,
    },
    {
      name: 'wrong-options',
      what: 'options that Node does not know: not even the migration starts',
      codes: ['GR2001'],
      service: { variables: '{ NODE_OPTIONS: --no-such-option }' },
      says: /no-such-option/,
    },
    { name: 'wrong-entry', what: 'starts a file that is not there', service: { run: 'node dist/server.js' }, says: /Cannot find module/ },
    {
      name: 'port-taken-twice',
      what: 'listens twice on its own port',
      defect:
        "exports.listen = (port, host, server) => { server.listen(port, host); require('node:http').createServer().listen(port, host); };",
      says: /EADDRINUSE/,
    },
    { name: 'aborts', what: 'a native module aborts', defect: 'process.abort();', says: /SIGABRT/ },
    {
      name: 'segfault',
      what: 'a native module reads beyond its memory',
      defect: "process.kill(process.pid, 'SIGSEGV'); setInterval(() => {}, 9);",
      says: /SIGSEGV/,
    },
    {
      name: 'heap-too-small',
      what: 'needs more memory at the start than it may have',
      service: { run: 'node --max-old-space-size=16 server.js' },
      defect: 'const kept = []; for (;;) kept.push(new Array(100000).fill(kept.length));',
      says: /heap|SIGABRT/,
    },
    {
      name: 'crash-while-starting',
      what: 'answers its first health check, then ends',
      defect: "exports.health = (_request, response) => { response.end('ok'); setTimeout(() => process.exit(3), 5); };",
      says: /exit 3/,
    },
  ],
);

const neverReady = unseen(
  ['GL1021'],
  [
    { name: 'never-listens', what: 'runs, but listens nowhere', defect: 'exports.listen = () => setInterval(() => {}, 1000);' },
    {
      name: 'listens-too-late',
      what: 'needs longer to start than it may',
      defect: 'exports.listen = (port, host, server) => setTimeout(() => server.listen(port, host), 30000);',
    },
    { name: 'spins-at-start', what: 'a loop without an end before it listens', defect: 'for (;;);' },
    {
      name: 'listens-on-a-file',
      what: 'listens on a Unix socket',
      defect: 'exports.listen = (port, _host, server) => server.listen(`/tmp/shop-${port}-${process.pid}.sock`);',
    },
    {
      name: 'health-500',
      what: 'says itself that it is sick',
      defect: "exports.health = (_request, response) => response.writeHead(500).end('no database');",
      says: /500/,
    },
    {
      name: 'health-404',
      what: 'its health path has moved',
      defect: 'exports.health = (_request, response) => response.writeHead(404).end();',
      says: /404/,
    },
    { name: 'health-hangs', what: 'accepts the health check and never answers', defect: 'exports.health = () => {};' },
    {
      name: 'health-redirects',
      what: 'its health path redirects to itself',
      defect: "exports.health = (_request, response) => response.writeHead(302, { location: '/healthz' }).end();",
      says: /302/,
    },
    {
      name: 'health-drips',
      what: 'its health path sends a byte a second',
      defect: "exports.health = (_request, response) => { response.writeHead(200); setInterval(() => response.write('.'), 1000); };",
    },
    {
      name: 'health-truncated',
      what: 'its health path breaks off',
      defect:
        "exports.health = (_request, response) => { response.writeHead(200, { 'content-length': 100 }); response.write('ok'); setTimeout(() => response.destroy(), 20); };",
    },
    {
      name: 'health-alternates',
      what: 'every second health check fails',
      defect: 'let turn = 0; exports.health = (_request, response) => response.writeHead((turn += 1) % 2 ? 200 : 500).end();',
    },
    {
      name: 'http-0.9',
      what: 'answers without a head',
      defect:
        "exports.listen = (port, host) => require('node:net').createServer((socket) => { socket.on('error', () => {}); socket.on('data', () => socket.end('<h1>Shop</h1>')); }).listen(port, host);",
    },
    {
      name: 'tls-instead',
      what: 'speaks something other than HTTP',
      defect:
        "exports.listen = (port, host) => require('node:net').createServer((socket) => { socket.on('error', () => {}); socket.write(Buffer.from([21, 3, 3, 0, 2, 2, 70])); }).listen(port, host);",
    },
  ],
);

const elsewhere = unseen(
  ['GL1022', 'GL1021'],
  [
    { name: 'wrong-port', what: 'listens on another port', defect: 'exports.listen = (port, host, server) => server.listen(0, host);' },
    {
      name: 'wrong-address',
      what: 'listens on an address where nobody asks',
      defect: "exports.listen = (port, _host, server) => server.listen(port, '127.0.0.9');",
    },
  ],
);

const request = (path: string, does: string): string =>
  `exports.request = (request, response, { answer, json }) => { if (request.url !== '${path}') return false; ${does}; return true; };`;

const smoke = unseen(
  ['GR3001'],
  [
    { name: 'page-500', what: 'the page fails', defect: request('/', "json(response, 500, { error: 'no template' })"), says: /500/ },
    { name: 'page-empty', what: 'the page is empty', files: { 'public/index.html': '' }, says: /Shop/ },
    {
      name: 'page-redirects',
      what: 'the page redirects to itself',
      defect: request('/', "response.writeHead(302, { location: '/' }).end()"),
      says: /302/,
    },
    { name: 'page-behind-sign-in', what: 'everybody is asked to sign in', defect: request('/', 'json(response, 401, {})'), says: /401/ },
    { name: 'page-hangs', what: 'the page never comes', defect: request('/', '') },
    {
      name: 'page-drips',
      what: 'the page comes a byte a second',
      defect: request('/', "response.writeHead(200, { 'content-type': 'text/html' }); setInterval(() => response.write('S'), 1000)"),
    },
    {
      name: 'page-truncated',
      what: 'the page breaks off',
      defect: request(
        '/',
        "response.writeHead(200, { 'content-length': 5000 }); response.write('<html>Shop'); setTimeout(() => response.destroy(), 20)",
      ),
    },
    { name: 'page-reset', what: 'the connection is reset instead of the page', defect: request('/', 'request.socket.resetAndDestroy()') },
    {
      name: 'page-too-long',
      what: 'more comes than the head announces',
      defect: request('/', "request.socket.end('HTTP/1.1 200 OK\\r\\ncontent-length: 2\\r\\n\\r\\nShop is open and has much to sell')"),
    },
    {
      name: 'bad-headers',
      what: 'a head that no client can read',
      defect: request('/', "request.socket.end('HTTP/1.1 200 OK\\r\\ncontent length 4\\r\\n: x\\r\\n\\r\\nShop')"),
    },
    {
      name: 'health-status-wrong',
      what: 'the API says something else than it should',
      defect: request('/api/health', "json(response, 200, { status: 'starting' })"),
      says: /JSON/,
    },
    {
      name: 'health-as-text',
      what: 'the API answers text where JSON is expected',
      defect: request('/api/health', "answer(response, 200, 'text/plain', 'UP')"),
      says: /JSON/,
    },
    {
      name: 'api-500',
      what: 'the API fails',
      defect: request('/api/health', "throw new Error('column owner_id does not exist')"),
      says: /owner_id/,
    },
    { name: 'api-missing', what: 'the API is not there', defect: request('/api/health', 'json(response, 404, {})'), says: /404/ },
  ],
);

const assets = unseen(
  ['GR3002'],
  [
    {
      name: 'script-missing',
      what: 'the script of the page is not in the release',
      files: (edition) => ({ [`public/app-${edition}.js`]: null }),
      says: /404/,
    },
    {
      name: 'style-missing',
      what: 'the style sheet of the page is not in the release',
      files: (edition) => ({ [`public/style-${edition}.css`]: null }),
      says: /404/,
    },
    {
      name: 'wrong-hash',
      what: 'the page names a script of another build',
      files: (edition) => ({ 'public/index.html': pageOf(edition, '/app-5f3c.js') }),
      says: /app-5f3c/,
    },
    {
      name: 'script-is-a-page',
      what: 'the page comes for whatever is asked',
      files: (edition) => ({ [`public/app-${edition}.js`]: null }),
      defect:
        "exports.request = (request, response, { answer }) => { if (!request.url.endsWith('.js')) return false; answer(response, 200, 'text/html', '<html>Shop</html>'); return true; };",
      says: /page instead of a script/,
    },
  ],
);

const migrations = unseen(
  ['GR2001'],
  [
    {
      name: 'migration-fails',
      what: 'the migration ends with an error',
      files: { 'migrate.js': "console.error('relation tasks does not exist'); process.exit(1);\n" },
      says: /relation tasks/,
    },
    {
      name: 'migration-throws',
      what: 'the migration throws',
      files: { 'migrate.js': "throw new Error('lock timeout');\n" },
      says: /lock timeout/,
    },
    { name: 'migration-killed', what: 'the migration is killed', files: { 'migrate.js': "process.kill(process.pid, 'SIGKILL');\n" } },
    {
      name: 'migration-missing',
      what: 'there is no such migration',
      service: { migrate: 'node migrations.js' },
      says: /Cannot find module/,
    },
    {
      name: 'migration-hangs',
      what: 'the migration waits for ever, until a person loses patience',
      files: { 'migrate.js': 'setInterval(() => {}, 1000);\n' },
      interruptMs: 3_000,
      codes: ['GR1004'],
    },
  ],
);

const refused: Kind[] = [
  {
    name: 'prepare-fails',
    what: 'it does not build',
    reach: 'refused',
    codes: ['GB1003'],
    service: { prepare: '[node build.js]' },
    files: { 'build.js': "console.error('type error'); process.exit(2);\n" },
    says: /type error/,
  },
  {
    name: 'secret-missing',
    what: 'a secret that nobody set',
    reach: 'refused',
    codes: ['GR1002'],
    service: { secrets: '[PAYMENT_KEY]' },
    says: /PAYMENT_KEY/,
  },
  {
    name: 'program-missing',
    what: 'a program that this machine does not have',
    reach: 'refused',
    codes: ['GL1006'],
    service: { run: 'nodee server.js' },
    says: /nodee/,
  },
  {
    name: 'unknown-key',
    what: 'a word in the app file that nobody knows',
    reach: 'refused',
    codes: ['GA1003'],
    service: { helth: '/healthz' },
    says: /helth/,
  },
];

export const beforeUsers: readonly Kind[] = [...refused, ...migrations, ...ends, ...neverReady, ...elsewhere, ...smoke, ...assets];
