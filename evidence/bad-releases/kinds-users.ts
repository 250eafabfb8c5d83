/** Bad releases that look well until users are on them. */
import type { Kind } from './kinds.ts';

type Draft = Omit<Kind, 'reach'>;

function seen(reach: 'canary' | 'bake', drafts: readonly Draft[]): Kind[] {
  return drafts.map((draft) => ({ reach, ...draft }));
}

const on = (what: string, does: string, before = ''): string =>
  `${before} exports.request = (request, response, { answer, json, route }) => { if (!(${what})) return false; ${does}; return true; };`;
const report = "request.url === '/api/report'";
const data = "request.url.startsWith('/api/') && request.url !== '/api/health'";
const post = "request.method === 'POST'";
const gates = ['GR4001'] as const;
const gatesOrMeter = ['GR4001', 'GR4003'] as const;
const unstable = ['GR4002', 'GR4001', 'GR4003'] as const;
/** Long enough for a canary to have passed. */
const later = 'const begun = Date.now(); const late = (ms) => Date.now() - begun > ms;';

const canary = seen('canary', [
  {
    name: 'one-path-500',
    what: '500 on one path',
    codes: gates,
    defect: on(report, "throw new Error('report is null')"),
    says: /requests failed/,
  },
  {
    name: 'api-moved',
    what: 'the API has moved, all but its health',
    codes: gates,
    defect: on(data, 'request.resume(); json(response, 404, {})'),
    says: /4xx/,
  },
  {
    name: 'nobody-signed-in',
    what: 'every session counts as expired',
    codes: gates,
    defect: on(data, "request.resume(); json(response, 401, { error: 'token' })"),
    says: /4xx/,
  },
  {
    name: 'writes-500',
    what: 'every write fails',
    codes: gates,
    defect: on(post, "request.resume(); throw new Error('owner_id is null')"),
  },
  {
    name: 'a-fifth-500',
    what: 'every fifth request fails',
    codes: gatesOrMeter,
    defect: on('(turn += 1) % 5 === 0', 'json(response, 500, {})', 'let turn = 0;'),
  },
  {
    name: 'slow',
    what: 'everything takes twenty times as long',
    codes: gates,
    defect: on('true', 'setTimeout(route, 200, request, response)'),
    says: /longer than/,
  },
  {
    name: 'one-path-slow',
    what: 'one path takes a second',
    codes: gates,
    defect: on(report, 'setTimeout(route, 1000, request, response)'),
    says: /longer than/,
  },
  {
    name: 'one-path-hangs',
    what: 'one path never answers',
    codes: gatesOrMeter,
    defect: on(report, ''),
    says: /without an answer|longer than|failed/,
  },
  {
    name: 'writes-reset',
    what: 'the connection is reset at every write',
    codes: gates,
    defect: on(post, 'request.socket.resetAndDestroy()'),
  },
  {
    name: 'one-path-truncated',
    what: 'one path breaks off',
    codes: gates,
    defect: on(report, "response.writeHead(200, { 'content-length': 999 }); response.write('{'); setTimeout(() => response.destroy(), 10)"),
  },
  {
    name: 'one-path-drips',
    what: 'one path sends a byte a second',
    codes: gatesOrMeter,
    defect: on(report, "response.writeHead(200, { 'content-length': 60 }); setInterval(() => response.write('x'), 1000)"),
  },
  {
    name: 'answers-twice',
    what: 'two answers to one request',
    codes: unstable,
    defect: on(
      report,
      "request.socket.write('HTTP/1.1 500 Oops\\r\\ncontent-length: 0\\r\\n\\r\\nHTTP/1.1 200 OK\\r\\ncontent-length: 0\\r\\n\\r\\n')",
    ),
  },
  {
    name: 'resets-kept-connections',
    what: 'promises to keep connections, and resets each at its second request',
    codes: [...unstable, 'GR3001'],
    defect:
      'exports.request = ({ socket }) => { if (socket.used) socket.resetAndDestroy(); const again = socket.used === true; socket.used = true; return again; };',
  },
  {
    name: 'crash-on-write',
    what: 'ends at the first write',
    codes: unstable,
    defect: on(post, "request.resume(); console.error('cannot read id of undefined'); process.exit(1)"),
    says: /ended|failed/,
  },
  {
    name: 'crash-every-20',
    what: 'ends at every twentieth request',
    codes: unstable,
    defect: on('(turn += 1) % 20 === 0', 'process.exit(1)', 'let turn = 0;'),
  },
  {
    name: 'uncaught-later',
    what: 'an exception after the answer',
    codes: unstable,
    defect: on(report, "route(request, response); setTimeout(() => { throw new Error('stream closed'); }, 50)"),
    says: /ended|failed/,
  },
  {
    name: 'leaks-memory',
    what: 'keeps a megabyte of every request until it dies',
    codes: unstable,
    service: { run: 'node --max-old-space-size=24 server.js' },
    defect: on('true', 'kept.push(new Array(250000).fill(request.url)); route(request, response)', 'const kept = [];'),
  },
  {
    name: 'leaks-descriptors',
    what: 'opens a file at every request and closes none',
    codes: unstable,
    service: { run: '[sh, -c, "ulimit -n 60; exec node server.js"]' },
    defect: on('true', "require('node:fs').openSync('server.js'); route(request, response)"),
  },
  {
    name: 'blocks-itself',
    what: 'one path keeps the processor for two seconds',
    codes: unstable,
    defect: on(report, 'for (const end = Date.now() + 2000; Date.now() < end;); route(request, response)'),
  },
  {
    name: 'health-dies',
    what: 'its health goes bad after two seconds',
    codes: unstable,
    defect: `${later} exports.health = (_request, response) => response.writeHead(late(2000) ? 500 : 200).end();`,
    says: /500|failed/,
  },
  {
    name: 'crash-after-ready',
    what: 'ends two seconds after it was ready',
    codes: [...unstable, 'GL1020'],
    defect: 'setTimeout(() => process.exit(7), 2000);',
    says: /exit 7|ended/,
  },
  { name: 'frozen', what: 'stops reacting after two seconds', codes: unstable, defect: 'setTimeout(() => { for (;;); }, 2000);' },
]);

const bake = seen('bake', [
  {
    name: 'two-in-a-hundred-500',
    what: 'two of a hundred requests fail',
    codes: gatesOrMeter,
    defect: on('(turn += 1) % 50 === 0', 'json(response, 500, {})', 'let turn = 0;'),
  },
  {
    name: 'fails-later',
    what: 'works for five seconds, then fails',
    codes: gatesOrMeter,
    defect: on('late(5000)', "json(response, 500, { error: 'connection pool is empty' })", later),
  },
  {
    name: 'slow-later',
    what: 'works for five seconds, then takes twenty times as long',
    codes: gates,
    defect: on('late(5000)', 'setTimeout(route, 300, request, response)', later),
    says: /longer than/,
  },
  { name: 'crash-later', what: 'works for five seconds, then ends', codes: unstable, defect: 'setTimeout(() => process.exit(9), 5000);' },
  {
    name: 'health-flaps',
    what: 'its health comes and goes after three seconds',
    codes: unstable,
    defect: `${later} exports.health = (_request, response) => response.writeHead(late(2500) && Math.floor(Date.now() / 1600) % 2 ? 500 : 200).end();`,
  },
  {
    name: 'page-fails-later',
    what: 'the page fails after five seconds',
    codes: gatesOrMeter,
    defect: on("late(5000) && request.url === '/'", 'json(response, 503, {})', later),
  },
]);

export const afterUsers: readonly Kind[] = [...canary, ...bake];
