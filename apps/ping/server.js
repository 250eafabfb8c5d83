import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { database } from './database.js';

const page = readFileSync(new URL('./public/index.html', import.meta.url));

const routes = {
  'GET /': (response) => response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(page),
  'GET /health': health,
  'GET /api/pings': async (response) => {
    const { rows } = await database.query('SELECT count(*)::int AS count, max(at) AS last FROM pings');
    sendJson(response, 200, rows[0]);
  },
  'POST /api/pings': async (response) => {
    const { rows } = await database.query('INSERT INTO pings DEFAULT VALUES RETURNING id::int, at');
    sendJson(response, 201, rows[0]);
  },
};

async function health(response) {
  const up = await database.query('SELECT 1').then(
    () => true,
    (error) => void console.error(`the database does not answer: ${error.message}`),
  );
  response.writeHead(up ? 200 : 503, { 'content-type': 'text/plain' }).end(up ? 'UP' : 'DOWN');
}

function sendJson(response, status, value) {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' }).end(JSON.stringify(value));
}

const server = createServer(async (request, response) => {
  const [path] = request.url.split('?');
  const route = routes[`${request.method} ${path}`];
  if (!route) return sendJson(response, 404, { error: `nothing answers ${request.method} ${path}` });
  try {
    await route(response);
  } catch (error) {
    console.error(error.message);
    sendJson(response, 503, { error: 'the database does not answer' });
  }
});

const port = Number(process.env.PORT ?? 8080);
server.listen(port, process.env.HOST, () => console.log(`ping listens on port ${port}`));
process.on('SIGTERM', () => server.close(() => database.end()));
