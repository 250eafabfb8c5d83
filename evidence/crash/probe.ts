/** A steady user: one request at a time, each second one on a fresh connection. It never asks twice. */
import { Agent, get } from 'node:http';

export interface Probe {
  readonly requests: number;
  readonly failed: readonly string[];
  /** Asks nothing, from when it resolves until `goOn`. */
  pause(): Promise<void>;
  goOn(): void;
  stop(): Promise<void>;
}

const pauseMs = 8;
const patienceMs = 10_000;

export function startProbe(url: string): Probe {
  const kept = new Agent({ keepAlive: true, maxSockets: 1 });
  const failed: string[] = [];
  let requests = 0;
  let running = true;
  let paused: PromiseLike<void> | undefined;
  let goOn = (): void => undefined;
  let idle = (): void => undefined;
  const loop = async (): Promise<void> => {
    while (running) {
      if (paused !== undefined) {
        idle();
        await paused;
      }
      const fresh = requests % 2 === 0;
      const began = performance.now();
      const problem = await ask(url, fresh ? new Agent() : kept).then(
        ({ status }) => (status === 200 ? undefined : `status ${status}`),
        (error: unknown) => String((error as NodeJS.ErrnoException).code ?? error),
      );
      requests += 1;
      const how = `${fresh ? 'fresh' : 'kept'} connection, after ${Math.round(performance.now() - began)} ms`;
      if (problem !== undefined) failed.push(`${new Date().toISOString()} ${problem} (${how})`);
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  };
  const done = loop();
  return {
    get requests() {
      return requests;
    },
    failed,
    pause: async () =>
      new Promise<void>((resolve) => {
        idle = resolve;
        paused = new Promise<void>((ended) => (goOn = ended));
      }),
    goOn: () => {
      paused = undefined;
      goOn();
    },
    stop: async () => {
      running = false;
      goOn();
      await done;
      kept.destroy();
    },
  };
}

export interface Answer {
  readonly status: number;
  readonly body: string;
}

export async function ask(url: string, agent: Agent): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = get(url, { agent, signal: AbortSignal.timeout(patienceMs) }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (body += chunk));
      response.once('end', () => resolve({ status: response.statusCode ?? 0, body }));
      response.once('error', reject);
    });
    request.once('error', reject);
  });
}
