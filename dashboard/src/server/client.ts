/** The REST half of the API. */
import type { Problem, Refusal, tokenHeader as TokenHeader } from '../../../src/server/api/index.ts';
import { noteDate } from './clock.ts';
import { currentToken, signOut } from './session.ts';

const tokenHeader: typeof TokenHeader = 'x-gantry-token';

export class ApiError extends Error {
  readonly problem: Problem;
  /** HTTP status; 0 when no answer came. */
  readonly status: number;

  constructor(problem: Problem, status: number) {
    super(problem.message);
    this.problem = problem;
    this.status = status;
  }
}

/** @param path below /api: `/overview` @throws ApiError */
export async function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  return ask<T>(path, signal === undefined ? {} : { signal });
}

/** @throws ApiError */
export async function post<T>(path: string, body: unknown): Promise<T> {
  return ask<T>(path, { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } });
}

async function ask<T>(path: string, init: RequestInit): Promise<T> {
  const token = currentToken();
  const headers = { ...init.headers, ...(token === null ? {} : { [tokenHeader]: token }) };
  const response = await reach(path, { ...init, headers });
  if (response.status === 401) signOut(token);
  if (!response.ok) throw new ApiError(await problemOf(response), response.status);
  return (await response.json()) as T;
}

async function reach(path: string, init: RequestInit): Promise<Response> {
  const askedAt = Date.now();
  try {
    const response = await fetch(`/api${path}`, init);
    noteDate(response.headers.get('date'), askedAt);
    return response;
  } catch (error) {
    if (init.signal?.aborted === true) throw error;
    throw new ApiError(unreachable, 0);
  }
}

const unreachable: Problem = {
  code: '',
  message: "The dashboard's server does not answer.",
  fix: 'Look at the terminal that runs `gantry up` or `gantry dashboard`; this page goes on by itself when it is back.',
  lines: [],
  exitCode: 1,
};

async function problemOf(response: Response): Promise<Problem> {
  try {
    return ((await response.json()) as Refusal).error;
  } catch {
    return { ...unreachable, message: `The server answered ${response.status} without saying why.` };
  }
}

/** The problem that something thrown stands for. */
export function problemFrom(error: unknown): Problem {
  if (error instanceof ApiError) return error.problem;
  return { code: '', message: error instanceof Error ? error.message : String(error), fix: 'Reload the page.', lines: [], exitCode: 1 };
}
