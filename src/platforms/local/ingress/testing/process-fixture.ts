/** For the tests of the ingress as a process: bundles it once, starts it on an inherited socket, talks to its control socket. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { rolldown } from 'rolldown';
import { background } from '../../../../exec/exec.ts';
import type { IngressStart } from '../start.ts';
import type { RoutingTable } from '../table.ts';

interface Exit {
  readonly code: number | null;
  readonly signal: string | null;
}

export interface IngressProcess {
  readonly pid: number;
  readonly exit: Promise<Exit>;
}

/** Keeps the listening socket as descriptor 3 and starts programs that inherit it; tells their pid, then how they ended. */
const holderProgram = `
  require('node:net').createServer((socket) => socket.on('error', () => {}).once('data', (text) => {
    const { program, env } = JSON.parse(text);
    const child = require('node:child_process').spawn(process.execPath, [program], { env, stdio: ['ignore', 'ignore', 2, 3] });
    socket.write(JSON.stringify({ pid: child.pid }) + '\\n');
    child.on('exit', (code, signal) => socket.end(JSON.stringify({ code, signal }) + '\\n'));
  })).listen(process.argv[1]);`;

async function connected(path: string): Promise<Socket> {
  for (const deadline = performance.now() + 10_000; ; await new Promise((resolve) => setTimeout(resolve, 10))) {
    const socket = await new Promise<Socket | undefined>((resolve) => {
      const attempt = connect(path, () => resolve(attempt)).on('error', () => resolve(undefined));
    });
    if (socket !== undefined) return socket;
    if (performance.now() > deadline) throw new Error(`nothing listens at ${path}`);
  }
}

export class ProcessFixture {
  readonly dir = mkdtempSync(join(tmpdir(), 'gi-'));
  readonly program = join(this.dir, 'ingress.cjs');
  readonly controlSocket = join(this.dir, 'c.sock');
  readonly tableFile = join(this.dir, 'table.json');
  readonly accessLog = join(this.dir, 'access.log');
  port = 0;
  readonly #holderSocket = join(this.dir, 'h.sock');
  readonly #pids: number[] = [];

  static async start(): Promise<ProcessFixture> {
    const fixture = new ProcessFixture();
    await fixture.#bundle();
    await fixture.#listen();
    return fixture;
  }

  async #bundle(): Promise<void> {
    const entry = join(this.dir, 'entry.ts');
    writeFileSync(entry, `import { main } from ${JSON.stringify(join(import.meta.dirname, '../main.ts'))};\nvoid main();\n`);
    const bundle = await rolldown({ input: entry, platform: 'node', transform: { target: 'node20.19' }, logLevel: 'silent' });
    await bundle.write({ file: this.program, format: 'cjs' });
    await bundle.close();
  }

  /** The socket is held by a process of its own: a listening server in this one would accept connections itself. */
  async #listen(): Promise<void> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', 511, resolve));
    this.port = (server.address() as AddressInfo).port;
    const { fd } = (server as unknown as { _handle: { fd: number } })._handle;
    const holder = await background({
      argv: [process.execPath, '-e', holderProgram, this.#holderSocket],
      cwd: this.dir,
      env: {},
      stdio: ['ignore', 'ignore', 2, fd],
    });
    server.close();
    this.#pids.push(holder.pid);
  }

  /** Lets the ingress at the control socket start its successor, which takes the control socket over; gives the successor's pid. */
  async successor(): Promise<number> {
    const { controlSocket, tableFile, accessLog, dir } = this;
    const argv = [process.execPath, this.program];
    const logFile = join(dir, 'successors.log');
    const answer = await this.control({ op: 'succeed', argv, cwd: dir, env: {}, start: { controlSocket, tableFile, accessLog }, logFile });
    const { pid } = answer as { pid: number };
    this.#pids.push(pid);
    await this.answering(pid);
    return pid;
  }

  /** Starts an ingress on the socket; more of them may run at once. */
  async ingress(more: Partial<IngressStart> = {}): Promise<IngressProcess> {
    const start: IngressStart = { controlSocket: this.controlSocket, tableFile: this.tableFile, accessLog: this.accessLog, ...more };
    const words = JSON.stringify({ program: this.program, env: { GANTRY_INGRESS: JSON.stringify(start) } });
    const holder = await connected(this.#holderSocket);
    const lines = createInterface({ input: holder })[Symbol.asyncIterator]();
    holder.write(`${words}\n`);
    const { pid } = JSON.parse((await lines.next()).value as string) as { pid: number };
    this.#pids.push(pid);
    return {
      pid,
      exit: lines.next().then(({ value }) => (value === undefined ? { code: null, signal: null } : JSON.parse(value as string)) as Exit),
    };
  }

  writeTable(table: RoutingTable): void {
    writeFileSync(this.tableFile, JSON.stringify(table));
  }

  /** Waits until the ingress with this pid answers at the control socket. */
  async answering(pid: number): Promise<void> {
    for (
      const deadline = performance.now() + 10_000;
      performance.now() < deadline;
      await new Promise((resolve) => setTimeout(resolve, 10))
    ) {
      const stats = await this.control({ op: 'stats' }).catch(() => undefined);
      if ((stats as { pid?: number } | undefined)?.pid === pid) return;
    }
    throw new Error(`ingress ${pid} does not answer within 10 s`);
  }

  async control(request: Record<string, unknown>): Promise<unknown> {
    const [answer] = await this.say(`${JSON.stringify({ v: 1, id: 1, ...request })}\n`, 1);
    return resultOf(answer);
  }

  /** A connection to the ingress that is at the control socket now, whoever is there later. */
  async connection(): Promise<(request: Record<string, unknown>) => Promise<unknown>> {
    const socket = await connected(this.controlSocket);
    const lines = createInterface({ input: socket.on('error', () => socket.destroy()) })[Symbol.asyncIterator]();
    return async (request) => {
      socket.write(`${JSON.stringify({ v: 1, id: 1, ...request })}\n`);
      return resultOf(JSON.parse((await lines.next()).value as string));
    };
  }

  /** Writes text to the control socket and reads so many answers. */
  async say(text: string, answers: number): Promise<unknown[]> {
    return new Promise((resolve, reject) => {
      const socket = connect(this.controlSocket);
      let seen = '';
      socket.on('error', reject);
      socket.on('close', () => reject(new Error('the control socket was closed')));
      socket.setEncoding('utf8').on('data', (chunk: string) => {
        seen += chunk;
        const lines = seen.split('\n').slice(0, -1);
        if (lines.length < answers) return;
        resolve(lines.map((line) => JSON.parse(line)));
        socket.destroy();
      });
      socket.write(text);
    });
  }

  logLines(): Record<string, unknown>[] {
    return readFileSync(this.accessLog, 'utf8')
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line));
  }

  /** Ends a process that the test knows to be its own. */
  kill(pid: number): void {
    killQuietly(pid);
  }

  close(): void {
    for (const pid of this.#pids) killQuietly(pid);
    rmSync(this.dir, { recursive: true, force: true });
  }
}

function resultOf(answer: unknown): unknown {
  const { result, error } = answer as { result?: unknown; error?: { code: string } };
  if (error !== undefined) throw Object.assign(new Error(error.code), error);
  return result;
}

function killQuietly(pid: number): void {
  if (!(pid > 0)) return;
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}
