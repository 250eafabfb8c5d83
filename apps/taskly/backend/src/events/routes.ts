import type { FastifyReply, FastifyRequest } from 'fastify';
import * as z from 'zod';
import { requireSession } from '../accounts/routes.ts';
import type { App, Deps } from '../app.ts';
import { tooMany } from '../errors.ts';
import { startingPoint } from './changes.ts';
import { EventStream } from './stream.ts';

const MAX_PER_ACCOUNT = 20;
const MAX_PER_REPLICA = 5000;

const eventsQuery = z.strictObject({ lastEventId: z.string().max(40).optional() });

export function eventRoutes(app: App, { db, hub }: Deps): void {
  const schema = {
    summary: 'Changes as they happen',
    description:
      'A stream of server-sent events (text/event-stream): ready, task, reload, signed-out. Resumed with the header Last-Event-ID.',
    querystring: eventsQuery,
  };
  app.get('/api/events', { schema, exposeHeadRoute: false }, async (request, reply) => {
    const session = await requireSession(db, request);
    if (hub.count(session.account.id) >= MAX_PER_ACCOUNT || hub.size >= MAX_PER_REPLICA) throw tooMany(5, 'Too many open event streams.');
    const last = lastSeen(request.headers['last-event-id'] ?? request.query.lastEventId);
    const start = await db.read(request.budget, (query) => startingPoint(query, session.account.id, last));
    open(request, reply);
    const stream = new EventStream(reply.raw, { accountId: session.account.id, sessionId: session.id }, start.seq);
    stream.ready(start.resumed);
    if (hub.closing) return stream.leave();
    hub.add(stream);
    reply.raw.once('close', () => hub.remove(stream));
    return undefined;
  });
}

/** Anything that is not one of our numbers counts as nothing seen. */
function lastSeen(id: string | string[] | undefined): number | undefined {
  return typeof id === 'string' && /^\d{1,15}$/.test(id) ? Number(id) : undefined;
}

function open(request: FastifyRequest, reply: FastifyReply): void {
  reply.hijack();
  request.raw.socket.setNoDelay(true);
  // Proxies that buffer answers would hold events back.
  const headers = {
    ...reply.getHeaders(),
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  };
  reply.raw.writeHead(200, headers as Record<string, string>);
}
