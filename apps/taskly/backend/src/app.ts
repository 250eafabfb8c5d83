import { randomUUID } from 'node:crypto';
import type { ServerOptions } from 'node:http';
import cookie from '@fastify/cookie';
import helmet from '@fastify/helmet';
import swagger from '@fastify/swagger';
import Fastify, {
  LogController,
  type FastifyBaseLogger,
  type FastifyInstance,
  type RawReplyDefaultExpression,
  type RawRequestDefaultExpression,
  type RawServerDefault,
} from 'fastify';
import {
  jsonSchemaTransform,
  jsonSchemaTransformObject,
  serializerCompiler,
  validatorCompiler,
  type ZodTypeProvider,
} from 'fastify-type-provider-zod';
import type { Logger } from 'pino';
import { Passwords } from './accounts/passwords.ts';
import { accountRoutes } from './accounts/routes.ts';
import type { Config } from './config.ts';
import { Budget, Database } from './db/database.ts';
import { Hub } from './events/hub.ts';
import { Listener } from './events/listener.ts';
import { eventRoutes } from './events/routes.ts';
import { healthRoutes } from './health.ts';
import { answerFailures } from './http/failures.ts';
import { acceptJsonOnly, BODY_LIMIT } from './http/json-body.ts';
import { refuseOtherSites } from './http/origin.ts';
import { Janitor } from './janitor.ts';
import { metricsRoutes } from './metrics.ts';
import { taskRoutes } from './tasks/routes.ts';

export type App = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  ZodTypeProvider
>;

/** What the routes work with. */
export interface Deps {
  readonly config: Config;
  readonly db: Database;
  readonly hub: Hub;
  readonly passwords: Passwords;
  readonly lifecycle: { draining: boolean };
}

export interface Service {
  readonly app: App;
  readonly deps: Deps;
  readonly listener: Listener;
  readonly janitor: Janitor;
}

declare module 'fastify' {
  interface FastifyRequest {
    budget: Budget;
  }
}

/** Longer than any proxy in front keeps an idle connection, so that it is never this side that closes one in use. */
const KEEP_ALIVE_MS = 65_000;

export async function buildService(config: Config, log: Logger): Promise<Service> {
  const app = createApp(config, log);
  const db = new Database(config.databaseUrl, app.log);
  const listener: Listener = new Listener(config.databaseUrl, app.log, {
    changed: (accountId) => deps.hub.wake(accountId),
    connected: () => void deps.hub.catchUp().catch(() => undefined),
  });
  const hub = new Hub(db, app.log, () => listener.listening, config.eventPollMs);
  const deps: Deps = { config, db, hub, passwords: new Passwords(), lifecycle: { draining: false } };
  await addPlugins(app, deps);
  await addRoutes(app, deps);
  return { app, deps, listener, janitor: new Janitor(db, app.log) };
}

function createApp(config: Config, log: Logger): App {
  const app = Fastify({
    loggerInstance: log as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: () => randomUUID(),
    trustProxy: (_address, hop) => hop < config.trustedProxies,
    bodyLimit: BODY_LIMIT,
    keepAliveTimeout: KEEP_ALIVE_MS,
    requestTimeout: 30_000,
    http: { headersTimeout: 10_000 } satisfies ServerOptions,
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    routerOptions: { maxParamLength: 200 },
  });
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  return app.withTypeProvider<ZodTypeProvider>();
}

async function addPlugins(app: App, { lifecycle }: Deps): Promise<void> {
  acceptJsonOnly(app as unknown as FastifyInstance);
  answerFailures(app as unknown as FastifyInstance);
  app.decorateRequest('budget');
  app.addHook('onRequest', async (request, reply) => {
    request.budget = new Budget();
    reply.header('cache-control', 'no-store');
  });
  // Told to every client before anything closes, so that none sends into a closing connection.
  app.addHook('onSend', async (_request, reply) => {
    if (lifecycle.draining) reply.header('connection', 'close');
  });
  app.addHook('onRequest', refuseOtherSites);
  await app.register(cookie);
  await app.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: { 'default-src': ["'none'"], 'frame-ancestors': ["'none'"], 'base-uri': ["'none'"], 'form-action': ["'none'"] },
    },
    frameguard: { action: 'deny' },
    referrerPolicy: { policy: 'no-referrer' },
    strictTransportSecurity: { maxAge: 31_536_000, includeSubDomains: false },
  });
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Taskly',
        version: '1.0.0',
        description: 'Accounts, tasks and live changes. See API.md for what a schema cannot say.',
      },
    },
    transform: jsonSchemaTransform,
    transformObject: (document) => withoutTwins(jsonSchemaTransformObject(document)),
  });
}

/** Every named schema is listed a second time for input, which no route refers to. */
function withoutTwins(document: ReturnType<typeof jsonSchemaTransformObject>): ReturnType<typeof jsonSchemaTransformObject> {
  const schemas = 'components' in document ? document.components?.schemas : undefined;
  for (const name of Object.keys(schemas ?? {})) if (name.endsWith('Input')) delete schemas?.[name];
  return document;
}

async function addRoutes(app: App, deps: Deps): Promise<void> {
  metricsRoutes(app, deps);
  await healthRoutes(app, deps);
  accountRoutes(app, deps);
  taskRoutes(app, deps);
  eventRoutes(app, deps);
  app.get('/api/openapi.json', { schema: { hide: true } }, async (_request, reply) =>
    reply.header('cache-control', 'no-cache').send(app.swagger()),
  );
  await app.ready();
}
