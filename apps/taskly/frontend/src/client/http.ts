import type { Task } from '../model/task.ts';

/** No usable answer: no network, a gateway without a server behind it, or nothing within the time limit. Worth another try. */
export class Unreachable extends Error {
  override name = 'Unreachable';
}

/** The API's own answer of 400 and above. */
export class Refusal extends Error {
  override name = 'Refusal';
  readonly status: number;
  readonly code: string;
  readonly fields: Readonly<Record<string, string>>;
  readonly task: Task | undefined;
  /** Milliseconds to wait, when the server said so. */
  readonly retryAfter: number | undefined;

  constructor(status: number, failure: Failure, retryAfter?: number) {
    super(failure.error.message);
    this.status = status;
    this.code = failure.error.code;
    this.fields = failure.error.fields ?? {};
    this.task = failure.task;
    this.retryAfter = retryAfter;
  }
}

interface Failure {
  error: { code: string; message: string; fields?: Record<string, string> };
  task?: Task;
}

export interface Call {
  method?: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  body?: unknown;
  headers?: Record<string, string>;
  /** Lets the request outlive the page. */
  keepalive?: boolean;
  signal?: AbortSignal;
}

const timeLimit = 10_000;

/** One request to the API; the parsed body of the answer, or undefined for 204. Throws Refusal or Unreachable. */
export async function call<T>(path: string, options: Call = {}): Promise<T> {
  const response = await reach(path, options);
  if (response.status === 204) return undefined as T;
  const body = await parse(response);
  if (response.ok) return body as T;
  throw isFailure(body) ? new Refusal(response.status, body, retryAfter(response)) : new Unreachable(`status ${response.status}`);
}

async function reach(path: string, { method = 'GET', body, headers, keepalive = false, signal }: Call): Promise<Response> {
  const limit = AbortSignal.timeout(timeLimit);
  try {
    return await fetch(path, {
      method,
      keepalive,
      cache: 'no-store',
      signal: signal === undefined ? limit : AbortSignal.any([signal, limit]),
      headers: { accept: 'application/json', ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new Unreachable('no answer', { cause: error });
  }
}

async function parse(response: Response): Promise<unknown> {
  try {
    return await response.json();
  } catch (error) {
    throw new Unreachable(`status ${response.status} without JSON`, { cause: error });
  }
}

const isFailure = (body: unknown): body is Failure =>
  typeof body === 'object' && body !== null && 'error' in body && typeof (body as Failure).error?.code === 'string';

/** `Retry-After` in milliseconds; undefined when there is none. */
export function retryAfter(response: Response): number | undefined {
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
  return Number.isFinite(seconds) ? seconds * 1000 : undefined;
}
