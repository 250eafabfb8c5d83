/** One harmless request, judged only by whether a whole answer came and what its status is. Nothing is ever retried. */
import { request, type Agent, type IncomingMessage } from 'node:http';
import type { App } from '../app/model.ts';
import type { Entry } from '../platforms/platform.ts';

/** What may be asked again and again without changing anything. */
export interface ProbePath {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
}

export interface Outcome {
  /** 0 when no head came. */
  readonly status: number;
  /** Of the body. */
  readonly bytes: number;
  /** `ECONNREFUSED`, `ECONNRESET`, `truncated`, `timeout`, `502`; undefined for a whole answer below 500. */
  readonly failure: string | undefined;
}

export interface ProbeOptions {
  /** Without one the request has a connection of its own. */
  readonly agent?: Agent | undefined;
  readonly timeoutMs?: number;
}

/** Longer than this, an answer counts as none. */
export const answerTimeoutMs = 10_000;

/** The GET smoke checks of a release; without any, the front page, the routes and the health paths of its web services. */
export function probePaths({ smoke, services }: Pick<App, 'smoke' | 'services'>): ProbePath[] {
  const checks = smoke.filter(({ method }) => method === 'GET');
  if (checks.length > 0) return unique(checks.map(({ path, headers }) => ({ path, headers })));
  const routed = Object.values(services).filter(({ route }) => route !== undefined);
  const paths = routed.flatMap(({ route, health }) => [route, health?.path]);
  return unique(['/', ...paths].flatMap((path) => (routed.length === 0 || path === undefined ? [] : [{ path, headers: {} }])));
}

function unique(paths: readonly ProbePath[]): ProbePath[] {
  return [...new Map(paths.map(({ path, headers }) => [JSON.stringify([path, headers]), { path, headers }])).values()];
}

/** Never rejects. */
export async function probe(entry: Entry, { path, headers }: ProbePath, options: ProbeOptions = {}): Promise<Outcome> {
  const { agent, timeoutMs = answerTimeoutMs } = options;
  return new Promise((resolve) => {
    let response: IncomingMessage | undefined;
    let bytes = 0;
    const end = (broken?: string): void => {
      clearTimeout(deadline);
      const status = response?.statusCode ?? 0;
      resolve({ status, bytes, failure: broken ?? (status >= 500 ? String(status) : undefined) });
    };
    const sent = request(new URL(path, entry.url), {
      headers: { ...headers, ...entry.headers, ...(agent === undefined ? { connection: 'close' } : {}) },
      agent: agent ?? false,
    });
    const deadline = setTimeout(() => {
      end('timeout');
      sent.destroy();
    }, timeoutMs);
    sent.on('error', (error) => end(response === undefined ? kindOf(error) : 'truncated'));
    sent.on('response', (answer) => {
      response = answer;
      answer.on('data', (chunk: Buffer) => (bytes += chunk.length));
      answer.on('end', () => end(answer.complete ? undefined : 'truncated'));
      answer.on('error', () => end('truncated'));
    });
    sent.end();
  });
}

function kindOf(error: NodeJS.ErrnoException): string {
  return error.code ?? error.message;
}
