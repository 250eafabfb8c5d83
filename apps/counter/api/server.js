import { createServer } from 'node:http';
import { Redis } from 'ioredis';

const { REDISHOST = 'localhost', REDISPORT = '6379', REDISPASSWORD, PORT = '3000', HOST } = process.env;

const redis = new Redis({
  host: REDISHOST,
  port: Number(REDISPORT),
  password: REDISPASSWORD,
  commandTimeout: 2_000,
  maxRetriesPerRequest: 1,
  retryStrategy: (attempt) => Math.min(attempt * 100, 2_000),
});
redis.on('error', (error) => console.error(`redis: ${error.message}`));

const routes = {
  'GET /api/count': async () => ({ count: Number(await redis.get('count')) }),
  'POST /api/count': async () => ({ count: await redis.incr('count') }),
  'DELETE /api/count': async () => (await redis.set('count', 0), { count: 0 }),
  'GET /api/health': async () => ({ status: 'healthy', redis: await redis.ping() }),
};

const server = createServer(async (request, response) => {
  const [path] = request.url.split('?');
  const route = routes[`${request.method} ${path}`];
  if (!route) return send(response, 404, { error: `nothing answers ${request.method} ${path}` });
  try {
    send(response, 200, await route());
  } catch (error) {
    console.error(error.message);
    send(response, 503, { status: 'unhealthy', error: 'Redis does not answer' });
  }
});

function send(response, status, value) {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' }).end(JSON.stringify(value));
}

server.listen(Number(PORT), HOST, () => console.log(`counter listens on port ${PORT}`));
process.on('SIGTERM', () => server.close(() => redis.disconnect()));
