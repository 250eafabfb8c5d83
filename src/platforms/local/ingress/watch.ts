/** The ingress looks after the supervisor as the supervisor looks after the ingress: if one dies, the other starts it again. */
import { closeSync, openSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { background } from '../../../exec/exec.ts';

export interface WatchOptions {
  /** The supervisor's Unix socket. */
  readonly socketPath: string;
  /** What starts a supervisor. */
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** The listening socket of the public entry; the new supervisor gets it as descriptor 3. */
  readonly listenFd: number;
  /** Where the output of a started supervisor is appended. */
  readonly logFile?: string;
  /** First pause between two starts; doubled up to `maxPauseMs`. */
  readonly minPauseMs?: number;
  readonly maxPauseMs?: number;
}

export interface Watch {
  /** The supervisor is leaving on purpose; it gets no successor from here. */
  goodbye(): void;
  /** A supervisor is at work, whatever was said before. */
  welcome(): void;
  /** Ends the watch. */
  stop(): void;
  /** Supervisors started so far. */
  readonly started: number;
}

/** A connection that lasted this long shows that the supervisor is well. */
const wellMs = 10_000;
/** How long a started supervisor has until its socket answers. */
const startMs = 10_000;
const pollMs = 100;

export function watchSupervisor(options: WatchOptions): Watch {
  const watch = new SupervisorWatch(options);
  void watch.run();
  return watch;
}

class SupervisorWatch implements Watch {
  readonly #options: WatchOptions;
  started = 0;
  #pause: number;
  #leaving = false;
  /** It said goodbye and is gone: whoever answers next is another one. */
  #left = false;
  #stopped = false;
  #socket: Socket | undefined;

  constructor(options: WatchOptions) {
    this.#options = options;
    this.#pause = options.minPauseMs ?? 200;
  }

  goodbye(): void {
    this.#leaving = true;
  }

  welcome(): void {
    this.#leaving = false;
    this.#left = false;
  }

  stop(): void {
    this.#stopped = true;
    this.#socket?.destroy();
  }

  async run(): Promise<void> {
    while (!this.#stopped) {
      if (await this.#connected()) continue;
      this.#left = this.#leaving;
      if (this.#left) await delay(pollMs);
      else await this.#start();
    }
  }

  /** Holds a connection for as long as the supervisor does. False if there was none to hold. */
  async #connected(): Promise<boolean> {
    const since = performance.now();
    const held = await this.#hold();
    if (performance.now() - since > wellMs) this.#pause = this.#options.minPauseMs ?? 200;
    return held;
  }

  async #hold(): Promise<boolean> {
    return new Promise((resolve) => {
      const socket = connect(this.#options.socketPath);
      let open = false;
      this.#socket = socket;
      socket.on('connect', () => {
        open = true;
        if (this.#left) this.welcome();
      });
      socket.on('error', () => socket.destroy());
      socket.on('end', () => socket.destroy());
      socket.on('close', () => resolve(open));
      socket.resume();
    });
  }

  async #start(): Promise<void> {
    const begun = performance.now();
    const pause = this.#pause;
    this.#pause = Math.min(pause * 2, this.#options.maxPauseMs ?? 30_000);
    const exited = await this.#launch();
    // The pause counts from the start, so that a supervisor that comes up is not kept waiting for its connection.
    while (!this.#stopped && performance.now() - begun < startMs) {
      if (await answers(this.#options.socketPath)) return;
      if (exited.now) break;
      await delay(pollMs);
    }
    await delay(Math.max(0, pause - (performance.now() - begun)));
  }

  async #launch(): Promise<{ now: boolean }> {
    const { argv, cwd, env, listenFd, logFile } = this.#options;
    const exited = { now: false };
    const log = logFile === undefined ? undefined : openSync(logFile, 'a', 0o600);
    this.started += 1;
    try {
      const output = log ?? 'ignore';
      const { exit } = await background({ argv, cwd, env, stdio: ['ignore', output, output, listenFd] });
      void exit.then(() => (exited.now = true));
    } catch (error) {
      exited.now = true;
      process.stderr.write(`cannot start the supervisor: ${String(error)}\n`);
    } finally {
      if (log !== undefined) closeSync(log);
    }
    return exited;
  }
}

async function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.on('connect', () => {
      resolve(true);
      socket.destroy();
    });
    socket.on('error', () => resolve(false));
  });
}

async function delay(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}
