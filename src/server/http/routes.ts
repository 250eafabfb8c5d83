/** The API as data: the routes of the server and its OpenAPI description are both made from this table. */
import { z } from 'zod';
import { GantryError } from '../../errors.ts';
import type { Access } from '../access/access.ts';
import { idleMs } from '../access/access.ts';
import * as api from '../api/index.ts';
import type { EnvironmentParts, Parts } from '../parts.ts';

/** What the routes of one server hand out. */
export interface Context {
  readonly parts: Parts;
  readonly access: Access;
  /** The OpenAPI description. */
  readonly description: () => unknown;
}

/** What the client sent, checked. */
interface Input<P, Q, B> {
  readonly params: P;
  readonly query: Q;
  readonly body: B;
}

export interface Route {
  readonly method: 'GET' | 'POST';
  /** `/environments/:env/shape`, below /api. */
  readonly path: string;
  readonly summary: string;
  readonly params: z.ZodType;
  readonly query: z.ZodType;
  /** Undefined: it takes none. */
  readonly body: z.ZodType | undefined;
  readonly answer: z.ZodType;
  /** Of success. */
  readonly status: 200 | 202;
  /** json, or an event stream, whose answer is one event. */
  readonly kind: 'json' | 'events';
  /** session: needs no token and is limited strictly. open: needs no token. */
  readonly access: 'token' | 'session' | 'open';
  call(context: Context, input: Input<unknown, unknown, unknown>): Promise<unknown>;
}

const nothing = z.strictObject({});

interface Spec<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType, A extends z.ZodType> {
  readonly params?: P;
  readonly query?: Q;
  readonly body?: B;
  readonly answer: A;
  readonly status?: 202;
  readonly access?: Route['access'];
  call(context: Context, input: Input<z.output<P>, z.output<Q>, z.output<B>>): z.output<A> | Promise<z.output<A>>;
}

type Nothing = typeof nothing;

function route<
  P extends z.ZodType = Nothing,
  Q extends z.ZodType = Nothing,
  B extends z.ZodType = z.ZodUndefined,
  A extends z.ZodType = never,
>(name: string, summary: string, spec: Spec<P, Q, B, A>): Route {
  const [method, path = ''] = name.split(' ');
  return {
    method: method as Route['method'],
    path,
    summary,
    params: spec.params ?? nothing,
    query: spec.query ?? nothing,
    body: spec.body,
    answer: spec.answer,
    status: spec.status ?? 200,
    kind: 'json',
    access: spec.access ?? 'token',
    call: async (context, input) => spec.call(context, input as Input<z.output<P>, z.output<Q>, z.output<B>>),
  };
}

const word = z.string().min(1).max(200);
const inEnvironment = z.strictObject({ env: word });
const ofEnvironment = ({ parts }: Context, { params }: { readonly params: { readonly env: string } }): Promise<EnvironmentParts> =>
  parts.environment(params.env);

const minutes = z
  .enum(api.historyMinutes.map(String) as [string, ...string[]])
  .default(String(api.historyMinutes[0]))
  .transform(Number);

const events: Route = {
  method: 'GET',
  path: '/events',
  summary:
    'Everything that changes, as it changes. Topics are `local/status`, one parameter for each; `after` goes on where a stream ended.',
  params: nothing,
  query: api.eventsQuery,
  body: undefined,
  answer: api.serverEvent,
  status: 200,
  kind: 'events',
  access: 'token',
  call: () => Promise.reject(new Error('a stream is no call')),
};

export const routes: readonly Route[] = [
  route('POST /session', 'A token for the word of a link. The word is good once.', {
    body: api.sessionInput,
    answer: api.session,
    access: 'session',
    call({ access }, { body }) {
      const token = access.exchange(body.launch);
      if (token === undefined) throw new GantryError('GC2002', 'This link was used before, or it is of a server that has ended.');
      return { token, idleMs };
    },
  }),
  route('GET /openapi.json', 'This description.', {
    answer: z.record(z.string(), z.unknown()),
    access: 'open',
    call: ({ description }) => description() as Record<string, unknown>,
  }),
  route('GET /overview', 'The app and its environments.', { answer: api.overview, call: ({ parts }) => parts.overview() }),
  route('GET /environments/:env/shape', 'What the app is made of, as the files say now.', {
    params: inEnvironment,
    answer: api.shape,
    call: async (context, input) => (await ofEnvironment(context, input)).shape(),
  }),
  route('GET /environments/:env/status', 'What runs.', {
    params: inEnvironment,
    answer: api.status,
    call: async (context, input) => (await ofEnvironment(context, input)).status(),
  }),
  route('GET /environments/:env/history', 'Requests, latency, processor time and memory over time, with what explains them.', {
    params: inEnvironment,
    query: z.strictObject({ minutes }),
    answer: api.history,
    call: async (context, input) => (await ofEnvironment(context, input)).history(input.query.minutes),
  }),
  route('GET /environments/:env/logs', 'Log lines of all replicas, jobs, resources and of Gantry itself.', {
    params: inEnvironment,
    query: api.logQuery,
    answer: api.logPage,
    call: async (context, input) => (await ofEnvironment(context, input)).logs(input.query),
  }),
  route('GET /environments/:env/releases', 'What was released, newest first. `before` is the key of an attempt: only older ones.', {
    params: inEnvironment,
    query: z.strictObject({ limit: z.coerce.number().int().min(1).max(200).default(50), before: word.exactOptional() }),
    answer: z.array(api.releaseSummary),
    call: async (context, input) => [...(await (await ofEnvironment(context, input)).releases(input.query.limit, input.query.before))],
  }),
  route('GET /environments/:env/releases/:key', 'One attempt: its walk, its gates, what it changed, why it failed.', {
    params: z.strictObject({ env: word, key: word }),
    answer: api.releaseDetail,
    call: async (context, input) => (await ofEnvironment(context, input)).release(input.params.key),
  }),
  route('GET /environments/:env/compare', 'What differs between two promoted releases.', {
    params: inEnvironment,
    query: z.strictObject({ from: word, to: word }),
    answer: api.comparison,
    call: async (context, input) => (await ofEnvironment(context, input)).compare(input.query.from, input.query.to),
  }),
  route('GET /environments/:env/plan', 'What a deploy of the folder as it is now would change.', {
    params: inEnvironment,
    answer: api.plan,
    call: async (context, input) => (await ofEnvironment(context, input)).plan(),
  }),
  route('POST /environments/:env/operations', 'Begins to change the environment. How it goes is told by the event stream.', {
    params: inEnvironment,
    body: api.operationInput,
    answer: api.operation,
    status: 202,
    call: async (context, input) => (await ofEnvironment(context, input)).operate(input.body),
  }),
  route('POST /environments/:env/interrupt', 'Asks the operation under way to end.', {
    params: inEnvironment,
    answer: api.interrupted,
    call: async (context, input) => (await ofEnvironment(context, input)).interrupt(),
  }),
  route('GET /environments/:env/tries', 'What can be disturbed on purpose here.', {
    params: inEnvironment,
    answer: api.tries,
    call: async (context, input) => (await ofEnvironment(context, input)).tries(),
  }),
  route('POST /environments/:env/tries', 'Disturbs a replica, or begins a release that is good or bad on purpose.', {
    params: inEnvironment,
    body: api.tryInput,
    answer: api.tried,
    call: async (context, input) => (await ofEnvironment(context, input)).attempt(input.body),
  }),
  route('GET /operations/:id', 'How an operation goes that was begun here.', {
    params: z.strictObject({ id: word }),
    answer: api.operation,
    call: ({ parts }, { params }) => parts.operation(params.id),
  }),
  events,
];
