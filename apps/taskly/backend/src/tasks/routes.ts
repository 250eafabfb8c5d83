import type { FastifyRequest } from 'fastify';
import * as z from 'zod';
import { requireSession } from '../accounts/routes.ts';
import type { App, Deps } from '../app.ts';
import type { Database, Query } from '../db/database.ts';
import { Gates } from '../gate.ts';
import { failureSchema } from '../http/schemas.ts';
import { listTasks } from './list.ts';
import { repeatOf } from './repeats.ts';
import {
  changeBody,
  conflictSchema,
  createBody,
  createHeaders,
  deleteQuery,
  idParams,
  listQuery,
  pageSchema,
  taskSchema,
} from './schemas.ts';
import { changeTask, createTask, deleteTask, getTask } from './store.ts';

/** How many changes of one account a replica works on at a time: they wait for each other's lock, and must not do so with all of the pool. */
const WIDTH = 2;
const DEPTH = 100;

type Write = <T>(request: FastifyRequest, accountId: string, work: (query: Query) => Promise<T>, repeatable?: boolean) => Promise<T>;

function writer(db: Database): Write {
  const gates = new Gates(WIDTH, DEPTH);
  return (request, accountId, work, repeatable) => {
    const start = performance.now();
    return gates.run(accountId, () => {
      request.budget.remaining -= performance.now() - start;
      return db.write(request.budget, work, repeatable);
    });
  };
}

/** Every statement behind these routes takes the account from the session, never from the request. */
export function taskRoutes(app: App, { db }: Deps): void {
  readRoutes(app, db);
  const write = writer(db);

  const createSchema = {
    summary: 'Create a task',
    headers: createHeaders,
    body: createBody,
    response: { 201: taskSchema, default: failureSchema },
  };
  app.post('/api/tasks', { schema: createSchema }, async (request, reply) => {
    const { account } = await requireSession(db, request);
    const key = request.headers['idempotency-key'];
    const repeat = key === undefined ? undefined : repeatOf(key, request.body);
    const { task, replayed } = await write(
      request,
      account.id,
      (query) => createTask(query, account.id, request.body, repeat),
      repeat !== undefined,
    );
    if (replayed) reply.header('idempotency-replayed', 'true');
    return reply.code(201).header('location', `/api/tasks/${task.id}`).send(task);
  });

  const changeSchema = {
    summary: 'Change or move a task',
    params: idParams,
    body: changeBody,
    response: { 200: taskSchema, 409: conflictSchema, default: failureSchema },
  };
  app.patch('/api/tasks/:id', { schema: changeSchema }, async (request) => {
    const { account } = await requireSession(db, request);
    return write(request, account.id, (query) => changeTask(query, account.id, request.params.id, request.body));
  });

  const deleteSchema = {
    summary: 'Delete a task',
    params: idParams,
    querystring: deleteQuery,
    response: { 204: z.null(), 409: conflictSchema, default: failureSchema },
  };
  app.delete('/api/tasks/:id', { schema: deleteSchema }, async (request, reply) => {
    const { account } = await requireSession(db, request);
    await write(request, account.id, (query) => deleteTask(query, account.id, request.params.id, request.query.version));
    return reply.code(204).send(null);
  });
}

function readRoutes(app: App, db: Database): void {
  const listSchema = { summary: 'List tasks', querystring: listQuery, response: { 200: pageSchema, default: failureSchema } };
  app.get('/api/tasks', { schema: listSchema }, async (request) => {
    const { account } = await requireSession(db, request);
    return db.read(request.budget, (query) => listTasks(query, account.id, request.query));
  });

  app.get(
    '/api/tasks/:id',
    { schema: { summary: 'One task', params: idParams, response: { 200: taskSchema, default: failureSchema } } },
    async (request) => {
      const { account } = await requireSession(db, request);
      return db.read(request.budget, (query) => getTask(query, account.id, request.params.id));
    },
  );
}
