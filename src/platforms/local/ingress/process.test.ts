/** The ingress as a process: inherited socket, replacement, control socket, stop, and the watch over the supervisor. */
import { readFileSync, writeFileSync } from 'node:fs';
import { Agent, get, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bodyOf, echo, eventually, Fixture, ready } from './testing/fixture.ts';
import { defaultLimits } from './ingress.ts';
import { ProcessFixture } from './testing/process-fixture.ts';
import type { IngressStats, RoutingTable } from './table.ts';

let fixture: ProcessFixture;
let backends: Fixture;
beforeEach(async () => {
  fixture = await ProcessFixture.start();
  backends = new Fixture();
});
afterEach(() => {
  fixture.close();
  backends.close();
});

function table(version: number, port: number, more: Partial<RoutingTable> = {}): RoutingTable {
  const live = {
    release: 'r1',
    routes: [{ kind: 'service' as const, service: 'web', prefix: '/', replicas: [ready('web-1', port)] }],
    internal: [],
  };
  return { version, limits: defaultLimits, share: 0, setKey: 'k', live, next: null, ...more };
}

async function ask(path: string, agent: Agent | false = false): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => get({ port: fixture.port, path, agent }, resolve).on('error', reject));
}

describe('control socket', () => {
  it('takes tables and tells numbers', async () => {
    const port = await backends.backend(echo);
    const { pid } = await fixture.ingress();
    await fixture.answering(pid);
    expect(await fixture.control({ op: 'table', table: table(4, port) })).toEqual({ version: 4 });
    const answer = await ask('/hello?x=1');
    expect(answer.statusCode).toBe(200);
    await bodyOf(answer);
    await eventually('the log has the line', () => fixture.logLines().length === 1);
    expect(fixture.logLines()[0]).toMatchObject({
      method: 'GET',
      path: '/hello?x=1',
      status: 200,
      set: 'live',
      service: 'web',
      replica: 'web-1',
      remote: '127.0.0.1',
      retries: 0,
    });
    const stats = (await fixture.control({ op: 'stats' })) as IngressStats;
    expect(stats).toMatchObject({
      version: 4,
      pid,
      requests: 1,
      inFlight: { 'web-1': 0 },
      services: [{ service: 'web', set: 'live', release: 'r1', requests: 1, cut: 0 }],
      replicas: [{ id: 'web-1', requests: 1, failures: 0 }],
    });
    const { text } = (await fixture.control({ op: 'metrics' })) as { text: string };
    expect(text).toContain('gantry_ingress_requests_total{service="web",class="2xx"} 1');
    expect(text).toContain('gantry_ingress_release_requests_total{service="web",release="r1",class="2xx"} 1');
    expect(await fixture.control({ op: 'drained', replica: 'web-1', timeoutMs: 1_000 })).toEqual({ left: 0 });
  });

  it('answers nonsense with errors and goes on', async () => {
    const { pid } = await fixture.ingress();
    await fixture.answering(pid);
    const lines = [
      'nonsense',
      '{"v":2,"id":5,"op":"stats"}',
      '{"v":1,"id":6,"op":"fly"}',
      '{"v":1,"id":7,"op":"table","table":{}}',
      '{"v":1,"id":8,"op":"stats"}',
    ];
    const answers = (await fixture.say(`${lines.join('\n')}\n`, 5)) as { id: number; error?: { code: string }; result?: unknown }[];
    const byId = Object.fromEntries(answers.map(({ id, error }) => [id, error?.code]));
    expect(byId).toMatchObject({ 6: 'GL2005', 7: 'GL2001', 8: undefined });
    await fixture.control({ op: 'table', table: table(9, 1) });
    await expect(fixture.control({ op: 'table', table: table(8, 1) })).rejects.toMatchObject({ code: 'GL2002' });
  });
});

describe('start and stop', () => {
  it('reads the table at start and ends when told, after what is in flight', async () => {
    const slow: (() => void)[] = [];
    fixture.writeTable(table(2, await backends.backend((_, response) => void slow.push(() => response.end('done')))));
    const child = await fixture.ingress();
    await fixture.answering(child.pid);
    const agent = new Agent({ keepAlive: true });
    const waiting = ask('/slow', agent);
    await eventually('it is in flight', () => slow.length === 1);
    const stopped = fixture.control({ op: 'stop', timeoutMs: 8_000 });
    setTimeout(() => slow[0]?.(), 300);
    const answer = await waiting;
    expect([answer.headers.connection, await bodyOf(answer)]).toEqual(['close', 'done']);
    expect(await stopped).toEqual({ left: 0 });
    expect(await child.exit).toEqual({ code: 0, signal: null });
    agent.destroy();
  });

  it('cuts what does not end in time', async () => {
    let arrived = false;
    fixture.writeTable(table(2, await backends.backend(() => void (arrived = true))));
    const child = await fixture.ingress();
    await fixture.answering(child.pid);
    const waiting = ask('/').catch((error: Error) => error);
    await eventually('it is in flight', () => arrived);
    expect(await fixture.control({ op: 'stop', timeoutMs: 300 })).toEqual({ left: 1 });
    expect(((await waiting) as IncomingMessage).statusCode).toBe(504);
    expect((await child.exit).code).toBe(0);
  });

  it('says what is missing', async () => {
    const child = await fixture.ingress({ tableFile: undefined as unknown as string });
    expect(await child.exit).toEqual({ code: 1, signal: null });
  });

  it('ends on SIGTERM', async () => {
    const child = await fixture.ingress();
    await fixture.answering(child.pid);
    process.kill(child.pid, 'SIGTERM');
    expect(await child.exit).toEqual({ code: 0, signal: null });
  });

  it('is replaced, gently and by force, without a lost request', async () => {
    const port = await backends.backend((_, response) => setTimeout(() => response.end('ok'), 2));
    const own = new Fixture();
    const internalPort = await own.rawBackend(() => undefined);
    own.close();
    const { live } = table(1, port);
    fixture.writeTable(
      table(1, port, { live: { ...(live as NonNullable<typeof live>), internal: [{ service: 'web', port: internalPort }] } }),
    );
    const load = new Load();
    let current = await fixture.ingress();
    await fixture.answering(current.pid);
    const running = load.run(8);
    for (let round = 0; round < 3; round++) {
      const next = await fixture.ingress();
      // The successor waits for the internal port, which its predecessor lets go of when it is told to stop.
      process.kill(current.pid, 'SIGTERM');
      await fixture.answering(next.pid);
      expect((await current.exit).code).toBe(0);
      current = next;
    }
    load.stop();
    await running;
    expect(load.failures).toEqual([]);
    expect(load.done).toBeGreaterThan(50);
  });

  it('loses no connection that waits while there is no ingress', async () => {
    fixture.writeTable(table(1, await backends.backend((_, response) => response.end('ok'))));
    const first = await fixture.ingress();
    await fixture.answering(first.pid);
    process.kill(first.pid, 'SIGKILL');
    await first.exit;
    const waiting = Promise.all(Array.from({ length: 20 }, async () => bodyOf(await ask('/'))));
    await fixture.ingress();
    expect(await waiting).toEqual(Array.from({ length: 20 }, () => 'ok'));
  });
});

class Load {
  done = 0;
  readonly failures: unknown[] = [];
  #running = true;

  async run(clients: number): Promise<void> {
    await Promise.all(Array.from({ length: clients }, async (_, at) => this.#client(at % 2 === 0)));
  }

  stop(): void {
    this.#running = false;
  }

  async #client(keepAlive: boolean): Promise<void> {
    const agent = new Agent({ keepAlive, maxSockets: 1 });
    while (this.#running) {
      try {
        const answer = await ask('/', agent);
        const body = await bodyOf(answer);
        if (answer.statusCode !== 200 || body !== 'ok') this.failures.push(answer.statusCode);
        this.done += 1;
      } catch (error) {
        this.failures.push(error);
      }
    }
    agent.destroy();
  }
}

describe('watch', () => {
  /** A supervisor that notes that it was started, listens, and ends as its word says. */
  const program = `
    const { appendFileSync, fstatSync } = require('node:fs');
    const [dir, mode] = process.argv.slice(2);
    appendFileSync(dir + '/starts', process.pid + ' ' + fstatSync(3).isSocket() + '\\n');
    if (mode === 'crash') process.exit(1);
    require('node:fs').rmSync(dir + '/s.sock', { force: true });
    require('node:net').createServer((socket) => socket.on('data', () => process.exit(0))).listen(dir + '/s.sock');`;

  function starts(): string[] {
    try {
      return readFileSync(join(fixture.dir, 'starts'), 'utf8').split('\n').slice(0, -1);
    } catch {
      return [];
    }
  }

  // Before the ingress is killed, or it would start another.
  afterEach(async () => {
    await fixture.control({ op: 'stop', timeoutMs: 0 }).catch(() => undefined);
    for (const line of starts()) fixture.kill(Number(line.split(' ')[0]));
  });

  async function watched(mode: string): Promise<void> {
    const file = join(fixture.dir, 'supervisor.cjs');
    writeFileSync(file, program);
    const supervisor = {
      socketPath: join(fixture.dir, 's.sock'),
      argv: [process.execPath, file, fixture.dir, mode],
      cwd: fixture.dir,
      env: {},
      minPauseMs: 50,
      maxPauseMs: 400,
    };
    const { pid } = await fixture.ingress({ supervisor });
    await fixture.answering(pid);
  }

  function endSupervisor(): void {
    process.kill(Number(starts().at(-1)?.split(' ')[0]), 'SIGKILL');
  }

  it('starts a supervisor that died, with the socket, and only one', async () => {
    await watched('serve');
    await eventually('the first is started', () => starts().length === 1);
    expect(starts()[0]).toMatch(/ true$/);
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(starts()).toHaveLength(1);
    endSupervisor();
    await eventually('the second is started', () => starts().length === 2);
    endSupervisor();
    await eventually('the third is started', () => starts().length === 3);
    await fixture.control({ op: 'stop', timeoutMs: 100 });
    endSupervisor();
  });

  it('lets a supervisor go that said goodbye', async () => {
    await watched('serve');
    await eventually('it is started', () => starts().length === 1);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(await fixture.control({ op: 'standby' })).toEqual({});
    endSupervisor();
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect(starts()).toHaveLength(1);
  });

  it('waits longer and longer for one that cannot start', async () => {
    await watched('crash');
    await eventually('it was tried a few times', () => starts().length >= 4);
    const before = starts().length;
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect(starts().length - before).toBeLessThanOrEqual(4);
  });
});
