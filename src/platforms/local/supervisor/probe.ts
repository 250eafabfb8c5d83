/** Asking a replica how it is, under one deadline for everything and with a bound on what is read. */
import { get, type IncomingMessage } from 'node:http';
import { createConnection } from 'node:net';

export interface ProbeResult {
  readonly passed: boolean;
  /** Some answer came, even a bad one. */
  readonly answered: boolean;
  /** `answered 503`; empty when passed. */
  readonly detail: string;
  /** Nobody listens on the port. */
  readonly refused: boolean;
}

const loopback = '127.0.0.1';
const bodyLimit = 64 * 1024;
const passed: ProbeResult = { passed: true, answered: true, detail: '', refused: false };

/** Any 2xx is healthy, whatever the body says; no redirect is followed; at most 64 KiB of the body are read. */
export async function probeHttp(port: number, path: string, timeoutMs: number): Promise<ProbeResult> {
  return new Promise((resolve) => {
    const finish = (result: ProbeResult): void => {
      clearTimeout(deadline);
      request.destroy();
      resolve(result);
    };
    const headers = { host: `${loopback}:${port}`, connection: 'close', accept: '*/*', 'user-agent': 'gantry-health' };
    let answered = false;
    const request = get({ host: loopback, port, path, agent: false, headers }, (response) => {
      answered = true;
      judge(response, path, finish);
    });
    request.on('error', (error: NodeJS.ErrnoException) => finish(failed(error, port)));
    const deadline = setTimeout(() => finish(late(path, timeoutMs, answered)), timeoutMs);
  });
}

function judge(response: IncomingMessage, path: string, finish: (result: ProbeResult) => void): void {
  const status = response.statusCode ?? 0;
  if (status < 200 || status > 299) return finish({ passed: false, answered: true, detail: `${path} answered ${status}`, refused: false });
  let size = 0;
  response.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size >= bodyLimit) finish(passed);
  });
  response.on('end', () =>
    finish(response.complete ? passed : { passed: false, answered: true, detail: `${path} broke off its answer`, refused: false }),
  );
  response.on('error', () => finish({ passed: false, answered: true, detail: `${path} broke off its answer`, refused: false }));
}

function late(path: string, timeoutMs: number, answered: boolean): ProbeResult {
  return {
    passed: false,
    answered,
    detail: `${path} did not ${answered ? 'end its answer' : 'answer'} within ${timeoutMs} ms`,
    refused: false,
  };
}

/** Ready when the port is open. */
export async function probeTcp(port: number, timeoutMs: number): Promise<ProbeResult> {
  return new Promise((resolve) => {
    const finish = (result: ProbeResult): void => {
      clearTimeout(deadline);
      socket.destroy();
      resolve(result);
    };
    const socket = createConnection({ host: loopback, port });
    socket.once('connect', () => finish(passed));
    socket.on('error', (error: NodeJS.ErrnoException) => finish(failed(error, port)));
    const deadline = setTimeout(
      () => finish({ passed: false, answered: false, detail: `port ${port} did not accept within ${timeoutMs} ms`, refused: false }),
      timeoutMs,
    );
  });
}

function failed(error: NodeJS.ErrnoException, port: number): ProbeResult {
  if (error.code === 'ECONNREFUSED') return { passed: false, answered: false, detail: `nothing listens on port ${port}`, refused: true };
  const isHttp = error.code?.startsWith('HPE_') === true;
  return {
    passed: false,
    answered: isHttp,
    detail: isHttp ? `port ${port} does not speak HTTP` : `the connection failed (${error.code ?? error.message})`,
    refused: false,
  };
}
