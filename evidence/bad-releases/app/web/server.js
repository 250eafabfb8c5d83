/** A small shop: a page with its files, an API, a health path. What a bad release does differently is in `defect.js`. */
const { readFileSync, readdirSync } = require('node:fs');
const { createServer } = require('node:http');
const { edition } = require('./edition.js');
const defect = require('./defect.js');

const { greeting } = JSON.parse(readFileSync('config.json', 'utf8'));
const files = new Map(readdirSync('public').map((name) => [`/${name}`, readFileSync(`public/${name}`)]));
const types = { js: 'text/javascript', css: 'text/css', html: 'text/html; charset=utf-8' };
/** What a request costs where there is a database. */
const workMs = 5;

function answer(response, status, type, body) {
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body) }).end(body);
}

function json(response, status, value) {
  answer(response, status, 'application/json', JSON.stringify({ edition, ...value }));
}

const api = {
  'GET /api/health': (_request, response) => json(response, 200, { status: 'healthy' }),
  'GET /api/items': (_request, response) => json(response, 200, { items: ['chair', 'table'] }),
  'GET /api/report': (_request, response) => json(response, 200, { sold: 42, greeting }),
  'POST /api/items': (request, response) => {
    let body = '';
    request.on('data', (chunk) => (body += chunk));
    request.on('end', () => json(response, 201, { created: JSON.parse(body).id }));
  },
};

function route(request, response) {
  const { pathname } = new URL(request.url, 'http://shop');
  const file = files.get(pathname === '/' ? '/index.html' : pathname);
  if (file !== undefined) return answer(response, 200, types[pathname.split('.').pop()] ?? types.html, file);
  const known = api[`${request.method} ${pathname}`];
  if (known === undefined) json(response, 404, { error: 'not found' });
  else known(request, response);
}

function handle(request, response) {
  try {
    if (defect.request?.(request, response, { answer, json, route }) !== true) route(request, response);
  } catch (error) {
    console.error(error.stack);
    if (defect.diesOfErrors) throw error;
    json(response, 500, { error: error.message });
  }
}

const server = createServer((request, response) => {
  if (request.url === '/healthz') (defect.health ?? ((_request, healthy) => healthy.end('ok')))(request, response);
  else setTimeout(handle, workMs, request, response);
});
server.keepAliveTimeout = 65_000;

const listen = defect.listen ?? ((port, host) => server.listen(port, host));
listen(Number(process.env.PORT), process.env.HOST, server);
console.log(`${edition} starts`);
process.on('SIGTERM', () => {
  if (defect.stop?.() === true) return;
  server.close(() => process.exit(0));
  server.closeIdleConnections();
});
