/**
 * A load of many small clients that never retry, with a ledger of every write. "Failed" is what design calls failed: connect error, reset,
 * truncated or wrong body, no answer in 10 s, any 5xx, a 4xx that the client did not provoke.
 */
import { Agent, request, type IncomingMessage } from 'node:http';

const answerTimeoutMs = 10_000;

export interface Call {
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Judges status and body; gives what is wrong. Default: any 2xx is right. */
  readonly judge?: (status: number, body: string) => string | undefined;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export interface LoadReport {
  readonly requests: number;
  readonly failed: number;
  /** By kind: `ECONNRESET`, `502`, `timeout`, ... */
  readonly failures: Readonly<Record<string, number>>;
  /** Milliseconds between two successive good answers, at the most. */
  readonly longestGapMs: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export interface Load {
  /** Requests finished so far. */
  count(): number;
  /** Failures so far, by kind. */
  failures(): Readonly<Record<string, number>>;
  /** Resolves when that many requests have finished. */
  reached(requests: number): Promise<void>;
  stop(): Promise<LoadReport>;
}

/** One client: asks for its next call, sends it, tells how it went, pauses, and so on. */
export interface Client {
  next(): Call;
  done?(call: Call, answer: Answer | undefined): void;
  readonly keepAlive: boolean;
  /** Pause between two requests of this client. */
  readonly pauseMs: number;
}

export function startLoad(url: string, clients: readonly Client[]): Load {
  const state = {
    running: true,
    requests: 0,
    failures: new Map<string, number>(),
    lastGood: performance.now(),
    longestGapMs: 0,
    times: [] as number[],
  };
  const waiting: { readonly requests: number; resolve(): void }[] = [];
  const note = (problem: string | undefined, ms: number): void => {
    const now = performance.now();
    state.requests += 1;
    state.times.push(ms);
    if (problem === undefined) {
      state.longestGapMs = Math.max(state.longestGapMs, now - state.lastGood);
      state.lastGood = now;
    } else state.failures.set(problem, (state.failures.get(problem) ?? 0) + 1);
    for (const entry of waiting.filter(({ requests }) => state.requests >= requests)) entry.resolve();
  };
  const loops = clients.map((client) => loop(url, client, () => state.running, note));
  return {
    count: () => state.requests,
    failures: () => Object.fromEntries(state.failures),
    reached: (requests) => new Promise((resolve) => (state.requests >= requests ? resolve() : waiting.push({ requests, resolve }))),
    stop: async () => {
      state.running = false;
      await Promise.all(loops);
      return report(state);
    },
  };
}

function report(state: {
  readonly requests: number;
  readonly failures: ReadonlyMap<string, number>;
  readonly longestGapMs: number;
  readonly times: readonly number[];
}): LoadReport {
  const sorted = state.times.toSorted((a, b) => a - b);
  const at = (share: number): number => Math.round((sorted[Math.min(Math.floor(sorted.length * share), sorted.length - 1)] ?? 0) * 10) / 10;
  const failed = [...state.failures.values()].reduce((sum, number) => sum + number, 0);
  return {
    requests: state.requests,
    failed,
    failures: Object.fromEntries(state.failures),
    longestGapMs: Math.round(state.longestGapMs),
    p50Ms: at(0.5),
    p99Ms: at(0.99),
  };
}

async function loop(
  url: string,
  client: Client,
  running: () => boolean,
  note: (problem: string | undefined, ms: number) => void,
): Promise<void> {
  const agent = client.keepAlive ? new Agent({ keepAlive: true, maxSockets: 1 }) : new Agent({ keepAlive: false });
  while (running()) {
    const call = client.next();
    const started = performance.now();
    const { answer, problem } = await attempt(url, call, agent);
    note(problem, performance.now() - started);
    client.done?.(call, problem === undefined ? answer : undefined);
    if (client.pauseMs > 0) await new Promise((resolve) => setTimeout(resolve, client.pauseMs));
  }
  agent.destroy();
}

async function attempt(url: string, call: Call, agent: Agent): Promise<{ readonly answer?: Answer; readonly problem?: string }> {
  try {
    const answer = await send(url, call, agent);
    const problem = (call.judge ?? anySuccess)(answer.status, answer.body);
    return problem === undefined ? { answer } : { answer, problem };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return { problem: code ?? message };
  }
}

function anySuccess(status: number): string | undefined {
  return status >= 200 && status < 300 ? undefined : String(status);
}

/** One request without a retry. Rejects on anything but a whole answer within 10 s. */
export async function send(url: string, call: Call, agent?: Agent): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = {
      ...(call.body === undefined ? {} : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(call.body)) }),
      ...call.headers,
    };
    const sent = request(
      new URL(call.path, url),
      { method: call.method, headers, ...(agent === undefined ? {} : { agent }) },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => {
          clearTimeout(timer);
          if (response.complete)
            resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks).toString('utf8') });
          else reject(new Error('truncated'));
        });
        response.on('error', reject);
      },
    );
    const timer = setTimeout(() => sent.destroy(new Error('timeout')), answerTimeoutMs);
    sent.on('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    sent.end(call.body);
  });
}
