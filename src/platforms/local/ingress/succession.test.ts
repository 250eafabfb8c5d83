/** An ingress is replaced by its successor under load of every kind: nothing is lost, neither at the public entry nor inside. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { defaultLimits } from './ingress.ts';
import { eventually, Fixture, ready } from './testing/fixture.ts';
import { Load } from './testing/load.ts';
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

async function freePort(): Promise<number> {
  const other = new Fixture();
  const port = await other.rawBackend(() => undefined);
  other.close();
  return port;
}

function table(version: number, port: number, internal: readonly number[]): RoutingTable {
  const replicas = [ready('web-1', port)];
  const live = {
    release: 'r1',
    routes: [{ kind: 'service' as const, service: 'web', prefix: '/', replicas }],
    internal: internal.map((one) => ({ service: 'web', port: one })),
  };
  return { version, limits: defaultLimits, share: 0, setKey: 'k', live, next: null };
}

function runs(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

it('loses no request, whatever kind it is of', async () => {
  const load = new Load();
  const port = await backends.backend(load.listener, load.prepare);
  const inside = await freePort();
  fixture.writeTable(table(1, port, [inside]));
  let { pid } = await fixture.ingress();
  await fixture.answering(pid);
  load.start(fixture.port, inside, 6);
  for (let version = 2; version < 5; version++) {
    const predecessor = await fixture.connection();
    const old = pid;
    pid = await fixture.successor();
    const next = table(version, port, [inside]);
    await fixture.control({ op: 'prepare', table: next });
    await fixture.control({ op: 'commit', version });
    // Both serve for a moment.
    const served = async (ask: typeof predecessor): Promise<number> => ((await ask({ op: 'stats' })) as IngressStats).requests;
    while ((await served(fixture.control.bind(fixture))) === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    expect(await served(predecessor)).toBeGreaterThan(0);
    expect(await predecessor({ op: 'stop', timeoutMs: 10_000 })).toEqual({ left: 0 });
    await eventually('the predecessor has ended', () => !runs(old));
    fixture.writeTable(next);
  }
  await load.stop(async () => fixture.control({ op: 'stop', timeoutMs: 10_000 }));
  expect(load.failures).toEqual([]);
  expect(load.wrong).toEqual([]);
  for (const [kind, least] of Object.entries({ kept: 50, fresh: 50, inside: 20, upload: 6, events: 18, socket: 18 }))
    expect([kind, load.done[kind]]).toEqual([kind, expect.toSatisfy((count: number) => count >= least)]);
}, 120_000);

it('lets go of inherited sockets that no table asks for', async () => {
  const port = await backends.backend((_, response) => response.end('ok'));
  const [kept, dropped] = [await freePort(), await freePort()];
  fixture.writeTable(table(1, port, [kept]));
  const first = await fixture.ingress();
  await fixture.answering(first.pid);
  await fixture.control({ op: 'table', table: table(2, port, [kept, dropped]) });
  const predecessor = await fixture.connection();
  await fixture.successor();
  await fixture.control({ op: 'table', table: table(3, port, [kept]) });
  await predecessor({ op: 'stop', timeoutMs: 1_000 });
  await first.exit;
  expect(await (await fetch(`http://127.0.0.1:${kept}/`)).text()).toBe('ok');
  await expect(fetch(`http://127.0.0.1:${dropped}/`)).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } });
});

it('goes on when no successor can be started', async () => {
  const { pid } = await fixture.ingress();
  await fixture.answering(pid);
  const start = { controlSocket: fixture.controlSocket, tableFile: fixture.tableFile };
  const request = { op: 'succeed', argv: ['/nowhere/node'], cwd: fixture.dir, env: {}, start };
  await expect(fixture.control(request)).rejects.toMatchObject({ code: 'GX1001' });
  expect(await fixture.control({ op: 'stats' })).toMatchObject({ pid });
});
