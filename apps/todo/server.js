import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { TodoList } from './list.js';

const list = new TodoList();
const page = readFileSync(new URL('./public/index.html', import.meta.url));
const largestBody = 10_000;

const server = createServer(async (request, response) => {
  try {
    await answer(request, response);
  } catch (error) {
    if (!error.status) console.error(error);
    sendJson(response, error.status ?? 500, { error: error.status ? error.message : 'something went wrong' });
  }
});

async function answer(request, response) {
  const [pathname] = request.url.split('?');
  const [, id] = pathname.match(/^\/api\/todos\/(\d+)$/) ?? [];
  const key = `${request.method} ${id ? '/api/todos/:id' : pathname}`;
  switch (key) {
    case 'GET /':
      return response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(page);
    case 'GET /health':
      return sendJson(response, 200, { status: 'healthy', entries: list.size });
    case 'GET /api/todos':
      return sendJson(response, 200, list.all());
    case 'POST /api/todos':
      return sendJson(response, 201, list.add(await readJson(request)));
    case 'PATCH /api/todos/:id':
      return sendJson(response, 200, list.change(Number(id), await readJson(request)));
    case 'DELETE /api/todos/:id':
      list.remove(Number(id));
      return response.writeHead(204).end();
    default:
      return sendJson(response, 404, { error: `nothing answers ${request.method} ${pathname}` });
  }
}

async function readJson(request) {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) {
    text += chunk;
    if (text.length > largestBody) throw Object.assign(new Error('the body is too large'), { status: 413 });
  }
  const value = parse(text);
  if (typeof value === 'object' && value !== null) return value;
  throw Object.assign(new Error('the body is not a JSON object'), { status: 400 });
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function sendJson(response, status, value) {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}

const port = Number(process.env.PORT ?? 8080);
server.listen(port, process.env.HOST, () => console.log(`todo listens on port ${port}`));
process.on('SIGTERM', () => server.close());
