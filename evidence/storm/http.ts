/** One request without any retry, judged as the design says: anything but a whole, right answer in time is a failure. */
import { request, type Agent, type IncomingHttpHeaders } from 'node:http';

export const answerTimeoutMs = 10_000;

export interface Call {
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** @param write sends the body by itself, piece by piece */
export async function send(
  base: URL,
  call: Call,
  agent: Agent | false,
  write?: (sink: NodeJS.WritableStream) => Promise<void>,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const length =
      call.body === undefined ? {} : { 'content-length': String(Buffer.byteLength(call.body)), 'content-type': 'application/json' };
    const options = {
      host: base.hostname,
      port: base.port,
      path: call.path,
      method: call.method,
      agent,
      headers: { ...length, ...call.headers },
    };
    let timer: NodeJS.Timeout | undefined;
    const wait = (): void => void (timer ??= setTimeout(() => sent.destroy(new Error('no answer in 10 s')), answerTimeoutMs));
    const sent = request(options, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('close', () => {
        clearTimeout(timer);
        if (!response.complete) return reject(new Error('truncated'));
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks).toString('utf8') });
      });
    });
    sent.on('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    if (write === undefined) {
      wait();
      sent.end(call.body);
    } else
      void write(sent).then(() => {
        wait();
        sent.end();
      }, reject);
  });
}

export function problemOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return code ?? message;
}
