/** The app under test: a folder of its own, a frozen copy of the built program, and what can be seen from outside. */
import { spawn, type ChildProcess } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { Agent } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { folderStore } from '../../src/platforms/folder-store.ts';
import { connect } from '../../src/platforms/local/client.ts';
import { placesOf, type Places } from '../../src/platforms/local/places.ts';
import type { Status } from '../../src/platforms/platform.ts';
import type { Hello } from '../../src/platforms/local/protocol.ts';
import { readEvents } from '../../src/release/journal.ts';
import { replay, type ReleaseState } from '../../src/release/machine.ts';
import { ask, startProbe, type Probe } from './probe.ts';

const root = join(import.meta.dirname, '../..');
const commandMs = 60_000;
const startMs = 15_000;

export interface Said {
  readonly code: number | null;
  readonly text: string;
}

/** What serves, when everything agrees about it. */
export interface Standing {
  readonly release: string | null;
  /** Of the web service, as its program says. */
  readonly edition: string;
  readonly webs: number;
}

/** The program as it is built now; later builds do not touch it. */
export function freeze(): string {
  const folder = mkdtempSync(join(tmpdir(), 'gantry-frozen-'));
  for (const name of ['bin', 'dist', 'package.json']) cpSync(join(root, name), join(folder, name), { recursive: true });
  symlinkSync(realpathSync(join(root, 'node_modules')), join(folder, 'node_modules'));
  return folder;
}

export class App {
  readonly base: string;
  readonly folder: string;
  readonly places: Places;
  readonly env: Readonly<Record<string, string>>;
  /** Of the public address; always the same, so that users find it again. */
  readonly port: number;
  probe: Probe | undefined;
  readonly #frozen: string;
  #edition = 0;

  /** @param frozen what `freeze` gave */
  constructor(frozen: string, port: number) {
    this.port = port;
    this.base = realpathSync(mkdtempSync(join(tmpdir(), 'gantry-crash-')));
    chmodSync(this.base, 0o755);
    this.folder = join(this.base, 'app');
    cpSync(join(import.meta.dirname, 'app'), this.folder, { recursive: true });
    mkdirSync(join(this.base, 'run'), { mode: 0o700 });
    this.#frozen = frozen;
    this.env = {
      PATH: process.env['PATH'] ?? '',
      HOME: join(this.base, 'home'),
      LANG: 'C.UTF-8',
      GANTRY_CACHE: join(this.base, 'cache'),
      XDG_RUNTIME_DIR: join(this.base, 'run'),
      UV_THREADPOOL_SIZE: '1',
    };
    this.places = placesOf(this.folder, { env: this.env, uid: process.getuid?.() ?? 0 });
  }

  /** Another content and other variables than ever before. */
  edit(): string {
    this.#edition += 1;
    const edition = String(this.#edition);
    for (const service of ['web', 'api']) writeFileSync(join(this.folder, service, 'edition.txt'), edition);
    writeFileSync(join(this.folder, 'gantry.yaml'), this.#description(edition));
    return edition;
  }

  #description(edition: string): string {
    const common = `run: node server.js, port: 3000, health: /, variables: { EDITION: "${edition}", MIGRATIONS: ${join(this.base, 'migrations')} }`;
    return `gantry: 1
app: crash
services:
  web: { build: ./web, route: /, scale: { min: 2, max: 3, cpu: 100 }, migrate: node migrate.js, ${common} }
  api: { build: ./api, route: /api, ${common} }
smoke:
  - { get: /, expect: { status: 200 } }
release: { canary: { share: 0 }, bake: 0s, drain: 1s, grace: 1s, keep: 2 }
`;
  }

  /** Starts the command line, with other words before it if there are any. */
  start(words: readonly string[], before: readonly string[] = []): { readonly child: ChildProcess; readonly said: Promise<Said> } {
    const [program = '', ...rest] = [...before, process.execPath, join(this.#frozen, 'bin/gantry.cjs'), ...words];
    const child = spawn(program, rest, { cwd: this.folder, env: this.env, stdio: ['ignore', 'pipe', 'pipe'] });
    return { child, said: ended(child) };
  }

  async run(words: readonly string[]): Promise<Said> {
    return this.start(words).said;
  }

  get upWords(): readonly string[] {
    return ['up', '--detach', '--port', String(this.port)];
  }

  /** Starts the app, or releases what the folder says when it runs, and lets users in. */
  async up(): Promise<void> {
    const { code, text } = await this.run(this.upWords);
    if (code !== 0) throw new Error(`up ended with ${code}: ${text}`);
    this.probe ??= startProbe(this.url);
  }

  async hello(): Promise<Hello> {
    return this.#request((client) => client.request('hello', {}));
  }

  async status(): Promise<Status> {
    return this.#request((client) => client.request('status', {}));
  }

  async #request<T>(use: (client: Awaited<ReturnType<typeof connect>>) => Promise<T>): Promise<T> {
    const client = await connect(this.places.supervisorSocket);
    try {
      return await use(client);
    } finally {
      client.close();
    }
  }

  async journal(): Promise<ReleaseState> {
    return replay(await readEvents(folderStore(this.places.storeDir)));
  }

  /** What serves; or, as text, why not everything agrees about it. */
  async look(): Promise<Standing | string> {
    const status = await this.status().catch((error: unknown) => `no supervisor answers: ${String(error)}`);
    if (typeof status === 'string') return status;
    const journal = await this.journal();
    const { live, next, share } = await this.#request((client) => client.request('desired', {}));
    const replicas = status.services.flatMap((service) => service.replicas);
    const problem = firstOf({
      'an operation is under way': status.operation !== null,
      [`the journal stands in ${journal.phase}`]: journal.phase !== 'idle',
      [`release ${status.release} serves, the journal says ${journal.live}`]: status.release !== journal.live,
      'there is a next set': next !== null || share !== 0,
      'there is no live set': live === null,
      'replicas of another release are there': replicas.some(({ release }) => release !== status.release),
      'not all replicas are ready':
        replicas.some(({ state }) => state !== 'ready') || status.services.some(({ ready, desired }) => ready !== desired),
    });
    return (
      problem ??
      this.#agree(
        status,
        replicas.map(({ pid }) => pid),
      )
    );
  }

  async #agree(status: Status, pids: readonly number[]): Promise<Standing | string> {
    const strangers = this.processes().filter((pid) => !pids.includes(pid));
    if (strangers.length > 0) return `processes that belong to nobody: ${strangers.join(', ')}`;
    const answers = await Promise.all(Array.from({ length: 4 }, async () => ask(this.url, new Agent())));
    const [first = ''] = answers.map(({ body }) => body);
    if (answers.some(({ body }) => body !== first)) return `answers differ: ${answers.map(({ body }) => body).join(' | ')}`;
    const [release = '', edition = '', variable] = first.split(' ');
    if (release !== status.release) return `${release} answers, ${status.release} is said to serve`;
    if (edition !== variable) return `content ${edition} runs with the variables of ${variable}`;
    return { release, edition, webs: status.services.find(({ name }) => name === 'web')?.ready ?? 0 };
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get supervisorWords(): readonly string[] {
    return [process.execPath, join(this.#frozen, 'dist/supervisor.cjs'), this.folder, 'crash', 'local', this.url];
  }

  /** Resolves when a supervisor answers, or when there is no hope. @throws Error when it hangs */
  async answers(isHopeless: () => boolean): Promise<void> {
    const deadline = performance.now() + startMs;
    while (!isHopeless() && !(await this.hello().then(Boolean, () => false))) {
      if (performance.now() > deadline) throw new Error(`no supervisor answers within ${startMs} ms, and none has ended`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  /** Everything that was started for a replica or a migration of this app. */
  processes(): number[] {
    return pidsWith(`MIGRATIONS=${join(this.base, 'migrations')}`);
  }

  /** The same with the supervisor and the ingress. */
  everything(): number[] {
    return pidsWith(this.base);
  }

  /** The first thing that everything agrees about. @throws Error with what still differed at the deadline */
  async settled(deadlineMs: number): Promise<Standing> {
    const deadline = performance.now() + deadlineMs;
    for (;;) {
      const seen = await this.look().catch((error: unknown) => String(error));
      if (typeof seen !== 'string') return seen;
      if (performance.now() > deadline) throw new Error(`not settled within ${deadlineMs} ms: ${seen}`);
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  }

  /** What a person needs to see what happened. */
  keep(folder: string): void {
    mkdirSync(folder, { recursive: true });
    cpSync(join(this.folder, '.gantry'), join(folder, 'gantry'), { recursive: true, filter: (path) => !path.endsWith('.sock') });
  }

  async remove(): Promise<void> {
    await this.probe?.stop();
    await this.run(['down']);
    for (const pid of this.everything()) killQuietly(pid);
    rmSync(this.base, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Below those that the kernel gives to whoever asks for any: it has to stay free while the app does not run. */
export async function freePort(): Promise<number> {
  for (let port = 20_000 + (process.pid % 10_000); ; port += 1) if (await isFree(port)) return port;
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  const free = await new Promise<boolean>((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => resolve(true));
  });
  if (free) await new Promise((resolve) => server.close(resolve));
  return free;
}

function firstOf(problems: Readonly<Record<string, boolean>>): string | undefined {
  return Object.entries(problems).find(([, holds]) => holds)?.[0];
}

/** Processes whose environment holds a text. */
function pidsWith(text: string): number[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name) || Number(name) === process.pid) return [];
    try {
      return readFileSync(`/proc/${name}/environ`, 'latin1').includes(text) ? [Number(name)] : [];
    } catch {
      return [];
    }
  });
}

function killQuietly(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended meanwhile.
  }
}

async function ended(child: ChildProcess): Promise<Said> {
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const timer = setTimeout(() => child.kill('SIGKILL'), commandMs);
  const code = await new Promise<number | null>((resolve) => child.once('close', (ended_) => resolve(ended_)));
  clearTimeout(timer);
  return { code, text };
}
