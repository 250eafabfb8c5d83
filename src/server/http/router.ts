/** Fastify with the table of routes and the pages: it checks what came and answers; who may ask at all was looked at before. */
import limitRate from '@fastify/rate-limit';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest, type RouteShorthandOptions } from 'fastify';
import { z } from 'zod';
import { GantryError } from '../../errors.ts';
import type { Access } from '../access/access.ts';
import { sessionInput, tokenHeader, type EventsQuery } from '../api/index.ts';
import type { Parts } from '../parts.ts';
import { describeApi } from './openapi.ts';
import { addPages } from './pages.ts';
import { answerRefusal, refusedBy } from './refusal.ts';
import { routes, type Context, type Route } from './routes.ts';
import type { Streams } from './streams.ts';

export interface RouterOptions {
  readonly parts: Parts;
  readonly access: Access;
  readonly streams: Streams;
  readonly pages: string;
  readonly onBug?: (error: unknown) => void;
  readonly mostRequests?: number;
}

const bodyLimit = 64 * 1024;

/** Twenty tabs that open at once stay far below. */
const mostRequests = 600;
/** Of all clients together that have no session: what they get is a refusal. */
const mostStrangers = 200;
const requestWindowMs = 10_000;

/** Wrong words of links, of all clients together. Right ones do not count, so that nobody can keep a person out by guessing. */
const mostWrongWords = 10;
const wordWindowMs = 60_000;

const noFigures = { 'x-ratelimit-limit': false, 'x-ratelimit-remaining': false, 'x-ratelimit-reset': false };

export async function createRouter(options: RouterOptions): Promise<FastifyInstance> {
  const onBug = options.onBug ?? (() => undefined);
  const app = fastify({ bodyLimit, exposeHeadRoutes: false, routerOptions: { maxParamLength: 200 } });
  app.setErrorHandler((error, _request, reply) => answerRefusal(reply, refusedBy(error, onBug)));
  await app.register(limitRate, { global: false, addHeaders: { ...noFigures, 'retry-after': true }, addHeadersOnExceeding: noFigures });
  readJsonOnly(app);
  app.decorateRequest('session', '');
  await app.register(async (scope) => addRoutes(scope, options), { prefix: '/api' });
  await addPages(app, options.pages);
  await app.ready();
  return app;
}

/** An empty body is none. Keys that would reach into an object's prototype are refused. */
function readJsonOnly(app: FastifyInstance): void {
  const read = app.getDefaultJsonParser('error', 'error');
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body: string, done) =>
    body === '' ? done(null, undefined) : read(request, body, done),
  );
}

function addRoutes(scope: FastifyInstance, options: RouterOptions): void {
  const guards = guardsOf(scope, options);
  const context: Context = { ...options, description: () => describeApi(routes) };
  for (const route of routes) {
    const handler = route.kind === 'events' ? eventsHandler(route, options) : jsonHandler(route, context);
    scope.route({ method: route.method, url: route.path, ...guards[route.access], handler });
  }
}

/** What runs before a route of each kind. Who sent a request is found out before it is counted, so that strangers use up nobody's share. */
function guardsOf(
  scope: FastifyInstance,
  { access, mostRequests: most = mostRequests }: RouterOptions,
): Record<Route['access'], RouteHooks> {
  const identify: Hook = async (request) => {
    request.session = access.use(String(request.headers[tokenHeader] ?? '')) ?? '';
  };
  const limit = scope.rateLimit({
    max: ({ session }) => (session === '' ? mostStrangers : most),
    timeWindow: requestWindowMs,
    keyGenerator: ({ session }) => session,
    errorResponseBuilder: tooMany,
  });
  const limitWords = scope.rateLimit({
    max: mostWrongWords,
    timeWindow: wordWindowMs,
    keyGenerator: () => 'words',
    allowList: ({ body }) => access.isLaunchWord(sessionInput.safeParse(body).data?.launch ?? ''),
    errorResponseBuilder: tooMany,
  });
  return {
    token: { onRequest: [identify, limit, demandSession] },
    open: { onRequest: [identify, limit] },
    session: { preHandler: [limitWords] },
  };
}

type Hook = (request: FastifyRequest) => Promise<void>;
type RouteHooks = Pick<RouteShorthandOptions, 'onRequest' | 'preHandler'>;

const demandSession: Hook = async ({ session }) => {
  if (session === '') throw new GantryError('GC2001', 'This browser is not signed in to the dashboard, or was not used for long.');
};

function tooMany(): Error {
  return new GantryError('GC2009', 'Too many requests at once.');
}

function jsonHandler(route: Route, context: Context) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<unknown> => {
    const answer = await route.call(context, inputOf(route, request));
    return reply.code(route.status).type('application/json; charset=utf-8').send(JSON.stringify(answer));
  };
}

/** Fastify hands over once it is known that there will be a stream. */
function eventsHandler(route: Route, { access, streams }: RouterOptions) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    const token = String(request.headers[tokenHeader]);
    const begin = await streams.open(inputOf(route, request).query as EventsQuery);
    reply.hijack();
    begin(reply.raw, () => void access.use(token));
  };
}

const noBody = z.strictObject({}).optional();

function inputOf(route: Route, request: FastifyRequest) {
  return {
    params: checked('path', route.params, request.params),
    query: checked('query', route.query, request.query),
    body: checked('body', route.body ?? noBody, request.body),
  };
}

/** @throws GantryError GC2004 with a line for everything that does not fit */
function checked(part: string, schema: z.ZodType, value: unknown): unknown {
  const { success, data, error } = schema.safeParse(value);
  if (success) return data;
  const lines = error.issues.map(({ path, message }) => `${[part, ...path].join('.')}: ${message}`);
  throw new GantryError('GC2004', `The ${part} of the request does not fit.`, { lines: lines.slice(0, 20) });
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Name of the session whose token came with the request; empty for strangers. */
    session: string;
  }
}
