import { createServer } from 'node:http';
import { hostname } from 'node:os';
import { CpuMeter, memory } from './stats.js';

const port = 5000;
const cpu = new CpuMeter();

const routes = {
  '/stats': () => ({
    host: hostname(),
    process: process.pid,
    cpu: cpu.percent(),
    memory: memory(),
    uptimeSeconds: Math.round(process.uptime()),
  }),
  '/health': () => ({ status: 'healthy' }),
};

const server = createServer((request, response) => {
  const [path] = request.url.split('?');
  const route = request.method === 'GET' ? routes[path] : undefined;
  response.writeHead(route ? 200 : 404, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(JSON.stringify(route ? route() : { error: `nothing answers ${request.method} ${path}` }));
});

server.listen(port, () => console.log(`sys-stats backend listens on port ${port}`));
process.on('SIGTERM', () => {
  cpu.stop();
  server.close();
});
