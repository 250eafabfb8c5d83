/** The OpenAPI 3.1 description, made from the table of routes and from the schemas that check requests. */
import { z } from 'zod';
import * as api from '../api/index.ts';
import { tokenHeader } from '../api/index.ts';
import type { Route } from './routes.ts';

type Json = Readonly<Record<string, unknown>>;

const prefix = '#/components/schemas/';

/** Schemas that the API exports have a name in the description: `releaseSummary` is `ReleaseSummary`. Plain words and numbers need none. */
const named = Object.entries<unknown>(api)
  .filter((entry): entry is [string, z.ZodType] => entry[1] instanceof z.ZodType)
  .filter(([name, schema]) => !name.endsWith('Query') && !(schema instanceof z.ZodString || schema instanceof z.ZodNumber));

export function describeApi(routes: readonly Route[]): Json {
  return {
    openapi: '3.1.0',
    info: {
      title: 'Gantry dashboard',
      version: '1',
      description: `What the pages of the dashboard ask. Only on this machine. The token that ${tokenHeader} carries comes from POST /api/session.`,
    },
    servers: [{ url: '/api' }],
    security: [{ token: [] }],
    paths: pathsOf(routes),
    components: {
      securitySchemes: { token: { type: 'apiKey', in: 'header', name: tokenHeader } },
      schemas: schemas(new Set(routes.map(({ body }) => body))),
    },
  };
}

/** @param bodies are described as they may be sent, everything else as it is answered */
function schemas(bodies: ReadonlySet<z.ZodType | undefined>): Json {
  const registry = z.registry<{ id?: string }>();
  for (const [name, schema] of named) registry.add(schema, { id: titled(name) });
  const made = (io: 'input' | 'output'): Json => z.toJSONSchema(registry, { uri: (id) => prefix + id, io }).schemas;
  const [sent, answered] = [made('input'), made('output')];
  const entries = named.map(
    ([name, schema]) => [titled(name), plain((bodies.has(schema) ? sent : answered)[titled(name)] as Json)] as const,
  );
  return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)));
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
    ...(route.body ? { requestBody: bodyOf(route.body) } : {}),
    responses: {
      [route.status]: { description: 'Done.', content: { [type]: { schema: answerOf(route.answer) } } },
      default: { description: 'Refused, or failed.', content: { 'application/json': { schema: answerOf(api.refusal) } } },
    },
  };
}

function bodyOf(schema: z.ZodType): Json {
  return { required: true, content: { 'application/json': { schema: refTo(schema) ?? inputOf(schema) } } };
}

function parametersOf(schema: z.ZodType, place: 'path' | 'query'): Json[] {
  const { properties = {}, required = [] } = inputOf(schema) as { properties?: Json; required?: readonly string[] };
  return Object.entries(properties).map(([name, value]) => ({ name, in: place, required: required.includes(name), schema: value }));
}

function inputOf(schema: z.ZodType): Json {
  return plain(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }));
}

function answerOf(schema: z.ZodType): Json {
  if (schema instanceof z.ZodArray) return { type: 'array', items: answerOf(schema.element as z.ZodType) };
  return refTo(schema) ?? plain(z.toJSONSchema(schema, { io: 'output' }));
}

function refTo(schema: z.ZodType): Json | undefined {
  const name = named.find(([, known]) => known === schema)?.[0];
  return name === undefined ? undefined : { $ref: prefix + titled(name) };
}
