import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { App, Deps } from './app.ts';

/** Not under /api, so the entry does not route it: only who reaches the service's own port sees it. */
export function metricsRoutes(app: App, { db, hub, passwords, config }: Deps): void {
  const registry = new Registry();
  registry.setDefaultLabels({ release: config.release, replica: config.replica });
  collectDefaultMetrics({ register: registry });
  gauge(registry, 'taskly_database_connections', 'Open connections of the pool', () => db.stats.total);
  gauge(registry, 'taskly_database_waiting', 'Requests that wait for a connection', () => db.stats.waiting);
  gauge(registry, 'taskly_event_streams', 'Open event streams', () => hub.size);
  gauge(registry, 'taskly_passwords_waiting', 'Passwords that wait to be hashed', () => passwords.gate.waiting);
  measureRequests(app, registry);
  app.get('/metrics', { schema: { hide: true } }, async (_request, reply) =>
    reply.type(registry.contentType).send(await registry.metrics()),
  );
}

function gauge(registry: Registry, name: string, help: string, read: () => number): void {
  new Gauge({
    name,
    help,
    registers: [registry],
    collect() {
      this.set(read());
    },
  });
}

function measureRequests(app: App, registry: Registry): void {
  const duration = new Histogram({
    name: 'taskly_http_request_seconds',
    help: 'Time to answer a request',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
    registers: [registry],
  });
  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'unknown';
    // A stream lasts as long as its reader likes.
    if (route !== '/api/events') duration.observe({ method: request.method, route, status: reply.statusCode }, reply.elapsedTime / 1000);
  });
}
