import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { createHandler } from './app.ts';
import { readSite } from './site.ts';

const port = Number(process.env['PORT'] ?? 8080);
const host = process.env['HOST'] ?? '0.0.0.0';
const graceMs = 10_000;

const log = (event: string, more: Record<string, unknown> = {}): void =>
  console.log(JSON.stringify({ time: new Date().toISOString(), event, ...more }));

const site = readSite(fileURLToPath(new URL('./client', import.meta.url)));
const handle = createHandler(site);
let stopping = false;
const server = createServer((request, response) => {
  if (stopping) response.setHeader('connection', 'close');
  handle(request, response);
});

// Longer than the idle time of the usual load balancers (60 s): they must be the ones to close an idle connection, or a request meets a closing one.
server.keepAliveTimeout = 65_000;
server.headersTimeout = 20_000;
server.requestTimeout = 30_000;

server.on('error', (error) => {
  console.error(`cannot listen on ${host}:${port}: ${error.message}`);
  process.exitCode = 1;
});
server.listen(port, host, () => log('listening', { address: server.address(), files: site.size }));

function stop(signal: NodeJS.Signals): void {
  stopping = true;
  log('stopping', { signal });
  server.close(() => log('stopped'));
  server.closeIdleConnections();
  setTimeout(() => server.closeAllConnections(), graceMs).unref();
}

process.once('SIGTERM', stop);
process.once('SIGINT', stop);
