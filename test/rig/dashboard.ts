/** A dashboard that a command has started, asked as its pages ask it. */
import type { ChildProcess } from 'node:child_process';
import type { Operation, ServerEvent } from '../../src/server/api/index.ts';
import type { AppFolder } from './gantry.ts';
import { until } from './until.ts';

export interface Answer<T> {
  readonly status: number;
  readonly body: T;
}

export interface DashboardClient {
  readonly url: string;
  readonly token: string;
  get<T>(path: string): Promise<Answer<T>>;
  post<T>(path: string, body: unknown): Promise<Answer<T>>;
  /** Begins it and waits for its end. @throws Error when it is refused */
  operate(body: unknown): Promise<Operation>;
  ended(id: string): Promise<Operation>;
  /** Goes on until `close`. */
  watch(...topics: readonly string[]): Watching;
}

export interface Watching {
  readonly events: readonly ServerEvent[];
  /** Resolves when the stream has ended, whoever ended it. */
  readonly ended: Promise<void>;
  /** Waits for an event that fits, one that came already included. */
  event<T extends ServerEvent['type']>(
    type: T,
    fits: (event: Extract<ServerEvent, { type: T }>) => boolean,
    deadlineMs?: number,
  ): Promise<Extract<ServerEvent, { type: T }>>;
  close(): void;
}

export interface Started {
  readonly child: ChildProcess;
  output(): string;
  /** Exit code. */
  readonly ended: Promise<number | null>;
}

/** Starts a command that goes on, and waits for a line of its output. */
export async function startCommand(app: AppFolder, args: readonly string[], line: RegExp, deadlineMs = 60_000): Promise<Started> {
  const child = app.start(args);
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  await until(
    `${String(line)} in the output of gantry ${args.join(' ')}`,
    async () => {
      if (child.exitCode !== null) throw new Error(`gantry ${args.join(' ')} ended:\n${text}`);
      return line.test(text);
    },
    deadlineMs,
  );
  return { child, ended, output: () => text };
}

/** The link in what a command has printed. */
export function linkIn(output: string): URL {
  const [link] = /http:\/\/127\.0\.0\.1:\d+\/\S*#launch=\S+/.exec(output) ?? [];
  if (link === undefined) throw new Error(`no link in\n${output}`);
  return new URL(link);
}

/** As the page does with the word behind `#`. */
export async function exchange(link: URL): Promise<Answer<{ readonly token: string }>> {
  const launch = new URLSearchParams(link.hash.slice(1)).get('launch');
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(new URL('/api/session', link), { method: 'POST', headers, body: JSON.stringify({ launch }) });
  return { status: response.status, body: (await response.json()) as { token: string } };
}

export async function signIn(link: URL): Promise<DashboardClient> {
  const { status, body } = await exchange(link);
  if (status !== 200) throw new Error(`the link was refused: ${JSON.stringify(body)}`);
  return clientOf(link.origin, body.token);
}

function clientOf(url: string, token: string): DashboardClient {
  const ask = async <T>(path: string, init: RequestInit): Promise<Answer<T>> => {
    const headers = { 'x-gantry-token': token, ...(init.body === undefined ? {} : { 'content-type': 'application/json' }) };
    const response = await fetch(new URL(`/api${path}`, url), { ...init, headers });
    return { status: response.status, body: (await response.json()) as T };
  };
  const post = async <T>(path: string, body: unknown): Promise<Answer<T>> => ask<T>(path, { method: 'POST', body: JSON.stringify(body) });
  const get = async <T>(path: string): Promise<Answer<T>> => ask<T>(path, {});
  const ended = async (id: string): Promise<Operation> => {
    let operation: Operation | undefined;
    await until(
      'the end of the operation',
      async () => ({ body: operation } = await get<Operation>(`/operations/${id}`)).body.state !== 'running',
      60_000,
    );
    return operation as unknown as Operation;
  };
  return {
    url,
    token,
    get,
    post,
    ended,
    operate: async (body) => {
      const begun = await post<Operation>('/environments/local/operations', body);
      if (begun.status !== 202) throw new Error(JSON.stringify(begun.body));
      return ended(begun.body.id);
    },
    watch: (...topics) => watch(url, token, topics),
  };
}

function watch(url: string, token: string, topics: readonly string[]): Watching {
  const events: ServerEvent[] = [];
  const controller = new AbortController();
  const query = new URLSearchParams(topics.map((topic): [string, string] => ['topic', topic]));
  const ended = read(`${url}/api/events?${query.toString()}`, token, controller.signal, (event) => events.push(event)).catch(() => {});
  return {
    events,
    ended,
    close: () => controller.abort(),
    event: async (type, fits, deadlineMs = 60_000) => {
      type Wanted = Extract<ServerEvent, { type: typeof type }>;
      const found = (): Wanted | undefined => events.find((event): event is Wanted => event.type === type && fits(event as Wanted));
      await until(`an event ${type}`, async () => found() !== undefined, deadlineMs);
      return found() as Wanted;
    },
  };
}

async function read(url: string, token: string, signal: AbortSignal, onEvent: (event: ServerEvent) => void): Promise<void> {
  const response = await fetch(url, { headers: { 'x-gantry-token': token }, signal });
  if (response.status !== 200 || response.body === null) throw new Error(`the stream answered ${response.status}`);
  let rest = '';
  for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
    const parts = (rest + chunk).split('\n\n');
    rest = parts.pop() ?? '';
    for (const part of parts) {
      const [, data] = /^data: (.*)$/m.exec(part) ?? [];
      if (data !== undefined) onEvent(JSON.parse(data) as ServerEvent);
    }
  }
}
