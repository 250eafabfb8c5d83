/** The ingress as a process: descriptor 3 is the listening socket of the public entry, GANTRY_INGRESS says the rest. */
import { readFileSync } from 'node:fs';
import { GantryError, isGantryError } from '../../../errors.ts';
import { AccessLog, accessLogDefaults } from './access-log.ts';
import { listenForControl, unknown, type Control } from './control.ts';
import { Ingress } from './ingress.ts';
import { checkTable } from './table-check.ts';
import type { IngressStart } from './start.ts';
import { publicFd, startSuccessor } from './succession.ts';
import type { IngressRequest } from './table.ts';
import { watchSupervisor, type Watch } from './watch.ts';

const signalStopMs = 10_000;

/** What the bundle runs. */
export async function main(): Promise<void> {
  try {
    await ingressMain(process.env);
  } catch (error) {
    process.stderr.write(`${isGantryError(error) ? `${error.code} ${error.message}` : String((error as Error).stack)}\n`);
    process.exitCode = 1;
  }
}

/** Resolves when it serves; goes on until it is told to stop. */
export async function ingressMain(env: Readonly<Record<string, string | undefined>>): Promise<void> {
  const start = startOf(env['GANTRY_INGRESS']);
  const log = start.accessLog === undefined ? undefined : new AccessLog({ file: start.accessLog, ...accessLogDefaults });
  const ingress = new Ingress({
    ...(log === undefined ? {} : { log }),
    ...(start.maxConnections === undefined ? {} : { maxConnections: start.maxConnections }),
    inherited: start.inherited ?? [],
  });
  restoreTable(ingress, start.tableFile);
  await ingress.listen({ fd: publicFd }).catch((error: unknown) => {
    ingress.destroy();
    throw new GantryError('GL2003', `descriptor ${publicFd} is not a listening socket`, { cause: error });
  });
  const watch = start.supervisor === undefined ? undefined : watchSupervisor({ ...start.supervisor, listenFd: publicFd });
  const running = new Running(ingress, watch);
  running.control = await listenForControl(start.controlSocket, (request) => running.perform(request));
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void running.stop(signalStopMs));
}

class Running {
  control: Control | undefined;
  readonly #ingress: Ingress;
  readonly #watch: Watch | undefined;
  #stopping: Promise<number> | undefined;

  constructor(ingress: Ingress, watch: Watch | undefined) {
    this.#ingress = ingress;
    this.#watch = watch;
  }

  async perform(request: IngressRequest): Promise<unknown> {
    switch (request.op) {
      case 'table': {
        const table = checkTable(request.table);
        await this.#ingress.apply(table).finally(() => this.#steered());
        return { version: table.version };
      }
      case 'prepare': {
        const table = checkTable(request.table);
        await this.#ingress.prepare(table);
        return { version: table.version };
      }
      case 'commit':
        this.#ingress.commit(request.version);
        this.#steered();
        return { version: request.version };
      case 'stats':
        return this.#ingress.stats();
      case 'metrics':
        return { text: this.#ingress.metricsText() };
      case 'drained':
        return { left: await this.#ingress.drained(request.replica, request.timeoutMs) };
      case 'standby':
        this.#watch?.goodbye();
        return {};
      case 'succeed':
        return { pid: await startSuccessor(request, this.#ingress.internalSockets()) };
      case 'stop': {
        const left = await this.stop(request.timeoutMs);
        setImmediate(() => this.control?.close());
        return { left };
      }
      default:
        throw unknown(`it does not know "${String((request as { op: unknown }).op)}"`);
    }
  }

  /** A supervisor is at work, and has said where everything is. */
  #steered(): void {
    this.#watch?.welcome();
    this.#ingress.closeUnclaimed();
  }

  /** Nothing keeps the process once the sockets are closed. */
  async stop(timeoutMs: number): Promise<number> {
    this.#watch?.stop();
    this.#stopping ??= this.#ingress.stop(timeoutMs);
    const left = await this.#stopping;
    setImmediate(() => this.control?.close());
    return left;
  }
}

/** The routes are in force when this returns; internal addresses follow when a predecessor has let go of them. */
function restoreTable(ingress: Ingress, file: string): void {
  const complain = (error: unknown): void => {
    // Without a table requests wait; the supervisor sends one.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    process.stderr.write(`the routing table in ${file}: ${(error as Error).message}\n`);
  };
  try {
    ingress.apply(checkTable(JSON.parse(readFileSync(file, 'utf8')))).catch(complain);
  } catch (error) {
    complain(error);
  }
}

function startOf(text: string | undefined): IngressStart {
  const value = text === undefined ? undefined : (JSON.parse(text) as Partial<IngressStart>);
  if (typeof value?.controlSocket !== 'string' || typeof value.tableFile !== 'string')
    throw new GantryError('GL2003', 'GANTRY_INGRESS does not say where the control socket and the routing table are');
  return value as IngressStart;
}
