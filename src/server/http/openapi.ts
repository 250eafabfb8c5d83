/** The OpenAPI 3.1 description, made from the table of routes and from the schemas that check requests. */
import { z } from 'zod';
import * as api from '../api/index.ts';
import { tokenHeader } from '../api/index.ts';
import type { Route } from './routes.ts';

type Json = Readonly<Record<string, unknown>>;

const prefix = '#/components/schemas/';

/** Every schema that the API exports has a name in the description: `releaseSummary` is `ReleaseSummary`. */
const named = Object.entries<unknown>(api).filter((entry): entry is [string, z.ZodType] => entry[1] instanceof z.ZodType);

export function describeApi(routes: readonly Route[], version: string): Json {
  return {
    openapi: '3.1.0',
    info: {
      title: 'Gantry dashboard',
      version,
      description: `What the dashboard's pages ask. Only on this machine; the token that ${tokenHeader} carries comes from POST /api/session.`,
    },
    servers: [{ url: '/api' }],
    security: [{ token: [] }],
    paths: pathsOf(routes),
    components: { securitySchemes: { token: { type: 'apiKey', in: 'header', name: tokenHeader } }, schemas: schemas() },
  };
}

function schemas(): Json {
  const registry = z.registry<{ id?: string }>();
  for (const [name, schema] of named) registry.add(schema, { id: titled(name) });
  const made = z.toJSONSchema(registry, { uri: (id) => prefix + id, io: 'output' }).schemas;
  return Object.fromEntries(
    Object.entries(made)
      .map(([name, schema]) => [name, plain(schema)] as const)
      .toSorted(([a], [b]) => (a < b ? -1 : 1)),
  );
}

function titled(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}

/** Where a schema lies is said by the description; it needs no address of its own. */
function plain({ $schema: _schema, $id: _id, ...schema }: Json): Json {
  return schema;
}

function pathsOf(routes: readonly Route[]): Json {
  const paths: Record<string, Record<string, Json>> = {};
  for (const route of routes) {
    const path = route.path.replaceAll(/:(\w+)/g, '{$1}');
    (paths[path] ??= {})[route.method.toLowerCase()] = operationOf(route);
  }
  return paths;
}

function operationOf(route: Route): Json {
  const type = route.kind === 'events' ? 'text/event-stream' : 'application/json';
  const parameters = [...parametersOf(route.params, 'path'), ...parametersOf(route.query, 'query')];
  return {
    summary: route.summary,
    ...(route.access === 'token' ? {} : { security: [] }),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(route.method === 'POST' ? { requestBody: { content: { 'application/json': { schema: inputOf(route.body) } } } } : {}),
    responses: {
      [route.status]: { description: 'Done.', content: { [type]: { schema: answerOf(route.answer) } } },
      default: { description: 'Refused, or failed.', content: { 'application/json': { schema: answerOf(api.refusal) } } },
    },
  };
}

function parametersOf(schema: z.ZodType, place: 'path' | 'query'): Json[] {
  const { properties = {}, required = [] } = inputOf(schema) as { properties?: Json; required?: readonly string[] };
  return Object.entries(properties).map(([name, value]) => ({ name, in: place, required: required.includes(name), schema: value }));
}

function inputOf(schema: z.ZodType): Json {
  return plain(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Json);
}

function answerOf(schema: z.ZodType): Json {
  const item = schema instanceof z.ZodArray ? (schema.element as z.ZodType) : schema;
  const name = named.find(([, known]) => known === item)?.[0];
  const shown = name === undefined ? plain(z.toJSONSchema(item, { io: 'output' }) as Json) : { $ref: prefix + titled(name) };
  return item === schema ? shown : { type: 'array', items: shown };
}
