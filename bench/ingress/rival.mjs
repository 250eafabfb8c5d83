/** Another proxy in front of the backend: `rival.mjs NAME BACKEND_PORT`. Prints its port. */
import { Agent, createServer } from 'node:http';

const [name, backend] = process.argv.slice(2);
const target = `http://127.0.0.1:${backend}`;

const rivals = {
  async 'fast-proxy'() {
    const { default: fastProxy } = await import('fast-proxy');
    const { proxy } = fastProxy({ base: target });
    return createServer((request, response) => proxy(request, response, request.url, {}));
  },
  async 'http-proxy-3'() {
    const { createProxyServer } = await import('http-proxy-3');
    const proxy = createProxyServer({ target, agent: new Agent({ keepAlive: true }) });
    return createServer((request, response) => proxy.web(request, response));
  },
  async httpxy() {
    const { createProxyServer } = await import('httpxy');
    const proxy = createProxyServer({ target, agent: new Agent({ keepAlive: true }) });
    return createServer((request, response) => void proxy.web(request, response));
  },
  async '@fastify/http-proxy'() {
    const { default: fastify } = await import('fastify');
    const { default: httpProxy } = await import('@fastify/http-proxy');
    const app = fastify();
    await app.register(httpProxy, { upstream: target });
    await app.ready();
    return app.server;
  },
};

const server = await rivals[name]();
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
