import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod';
import { ApiError, invalid, notFound, type ErrorCode, type Fields } from '../errors.ts';

const BY_STATUS: Readonly<Record<number, readonly [ErrorCode, string]>> = {
  404: ['not_found', 'There is nothing here.'],
  413: ['too_large', 'The body is larger than 64 KB.'],
  415: ['unsupported_media_type', 'Send a body of the type application/json.'],
  503: ['unavailable', 'The server is stopping. Please try again.'],
};

/** Makes every failure, wherever it comes from, the one shape that API.md describes. */
export function answerFailures(app: FastifyInstance): void {
  app.setErrorHandler((error: FastifyError, request, reply) => {
    const failure = toApiError(error);
    if (failure.status >= 500) request.log.error({ err: failure.extra.cause ?? error }, failure.code);
    return send(reply, failure);
  });
  const allowed = collectMethods(app);
  app.setNotFoundHandler((request, reply) => answerUnknown(request, reply, allowed(request.url)));
}

function toApiError(error: FastifyError): ApiError {
  if (error instanceof ApiError) return error;
  if (hasZodFastifySchemaValidationErrors(error)) return invalid(fieldsOf(error));
  const status = error.statusCode ?? 500;
  const known = BY_STATUS[status];
  if (known) return new ApiError(known[0], known[1], status === 503 ? { retryAfter: 1 } : {});
  if (status >= 400 && status < 500) return new ApiError('invalid_request', 'The request could not be read.');
  return new ApiError('internal', 'Something went wrong on our side.', { cause: error });
}

function fieldsOf(error: FastifyError): Fields {
  const context = error.validationContext ?? 'body';
  const fields = new Map<string, string>();
  for (const issue of error.validation ?? []) {
    const unknown = (issue.params as { keys?: unknown } | undefined)?.keys;
    const names = Array.isArray(unknown)
      ? unknown.map((key) => String(key).slice(0, 100))
      : [issue.instancePath.slice(1).replaceAll('/', '.') || context];
    const text = Array.isArray(unknown) ? 'Is not a known field.' : (issue.message ?? 'Is not valid.');
    // The first thing that is wrong with a field says most.
    for (const name of names) if (!fields.has(name) && fields.size < 20) fields.set(name, text);
  }
  return Object.fromEntries(fields);
}

function send(reply: FastifyReply, failure: ApiError): FastifyReply {
  const { fields, task, retryAfter } = failure.extra;
  if (retryAfter !== undefined) reply.header('retry-after', retryAfter);
  const error = { code: failure.code, message: failure.message, ...(fields && { fields }) };
  // Serialised here: a failure must not depend on the schema of the route that failed.
  return reply
    .code(failure.status)
    .type('application/json; charset=utf-8')
    .serializer((payload: unknown) => JSON.stringify(payload))
    .send({ error, ...(task && { task }) });
}

function answerUnknown(request: FastifyRequest, reply: FastifyReply, methods: readonly string[]): FastifyReply {
  if (methods.length === 0 || methods.includes(request.method)) return send(reply, notFound());
  reply.header('allow', methods.join(', '));
  return send(reply, new ApiError('method_not_allowed', `${request.method} is not possible here.`));
}

/** Remembers the routes as they are added; the result tells which methods a path has. */
function collectMethods(app: FastifyInstance): (url: string) => string[] {
  const routes: { pattern: RegExp; method: string }[] = [];
  app.addHook('onRoute', (route) => {
    const pattern = new RegExp(`^${route.url.replaceAll('.', '\\.').replaceAll(/:\w+/g, '[^/]+')}$`);
    for (const method of [route.method].flat()) routes.push({ pattern, method });
  });
  return (url) => {
    const path = url.split('?', 1)[0] ?? url;
    return [...new Set(routes.filter((route) => route.pattern.test(path)).map((route) => route.method))].toSorted();
  };
}
