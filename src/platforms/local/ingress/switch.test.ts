/** A switch of tables in two phases. */
import { get, type IncomingMessage } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bodyOf, eventually, Fixture, ready } from './testing/fixture.ts';
import { defaultLimits } from './ingress.ts';
import type { RoutingTable } from './table.ts';

let fixture: Fixture;
beforeEach(async () => {
  fixture = await Fixture.start();
});
afterEach(() => fixture.close());

async function ask(port = fixture.port): Promise<string> {
  const answer = await new Promise<IncomingMessage>((resolve, reject) => get({ port, agent: false }, resolve).on('error', reject));
  return bodyOf(answer);
}

async function table(version: number, release: string, internalPort?: number): Promise<RoutingTable> {
  const port = await fixture.backend((_, response) => response.end(release));
  const replicas = [ready(`web-${release}`, port)];
  const live = {
    release,
    routes: [{ kind: 'service' as const, service: 'web', prefix: '/', replicas }],
    internal: internalPort === undefined ? [] : [{ service: 'web', port: internalPort }],
  };
  return { version, limits: defaultLimits, share: 0, setKey: '', live, next: null };
}

async function freePort(): Promise<number> {
  const other = new Fixture();
  const port = await other.rawBackend(() => undefined);
  other.close();
  return port;
}

describe('prepare and commit', () => {
  it('switch in one assignment, when told', async () => {
    await fixture.ingress.apply(await table(1, 'r1'));
    await fixture.ingress.prepare(await table(2, 'r2'));
    expect([await ask(), fixture.ingress.stats().version]).toEqual(['r1', 1]);
    fixture.ingress.commit(2);
    expect([await ask(), fixture.ingress.stats().version]).toEqual(['r2', 2]);
  });

  it('may be repeated', async () => {
    const second = await table(2, 'r2');
    await fixture.ingress.apply(await table(1, 'r1'));
    await fixture.ingress.prepare(second);
    await fixture.ingress.prepare(second);
    fixture.ingress.commit(2);
    fixture.ingress.commit(2);
    await fixture.ingress.prepare(second);
    fixture.ingress.commit(2);
    fixture.ingress.commit(2);
    await fixture.ingress.apply(second);
    expect([await ask(), fixture.ingress.stats().version]).toEqual(['r2', 2]);
  });

  it('refuse what is older, and what was not prepared', async () => {
    await fixture.ingress.apply(await table(5, 'r5'));
    await expect(fixture.ingress.prepare(await table(4, 'r4'))).rejects.toMatchObject({ code: 'GL2002' });
    expect(() => fixture.ingress.commit(4)).toThrow(expect.objectContaining({ code: 'GL2002' }));
    expect(() => fixture.ingress.commit(6)).toThrow(expect.objectContaining({ code: 'GL2006' }));
    expect(await ask()).toBe('r5');
  });

  it('keep the table that came last', async () => {
    await fixture.ingress.apply(await table(1, 'r1'));
    await fixture.ingress.prepare(await table(3, 'r3'));
    await fixture.ingress.prepare(await table(2, 'r2'));
    expect(() => fixture.ingress.commit(3)).toThrow(expect.objectContaining({ code: 'GL2006' }));
    fixture.ingress.commit(2);
    expect(await ask()).toBe('r2');
  });

  it('give way to a table that comes in one phase', async () => {
    await fixture.ingress.apply(await table(1, 'r1'));
    await fixture.ingress.prepare(await table(2, 'r2'));
    await fixture.ingress.apply(await table(3, 'r3'));
    expect(() => fixture.ingress.commit(2)).toThrow(expect.objectContaining({ code: 'GL2002' }));
    await fixture.ingress.prepare(await table(9, 'r9'));
    await fixture.ingress.apply(await table(4, 'r4'));
    fixture.ingress.commit(9);
    expect(await ask()).toBe('r9');
  });
});

describe('internal addresses', () => {
  it('listen from the first phase on and serve from the second on; those of before are let go of then', async () => {
    const [before, after] = [await freePort(), await freePort()];
    await fixture.ingress.apply(await table(1, 'r1', before));
    await fixture.ingress.prepare(await table(2, 'r2', after));
    const early = ask(after);
    await eventually('the caller waits', () => fixture.ingress.stats().held === 1);
    expect(await ask(before)).toBe('r1');
    fixture.ingress.commit(2);
    expect(await early).toBe('r2');
    await expect(ask(before)).rejects.toThrow('ECONNREFUSED');
  });

  it('of a table that is not wanted any more are let go of', async () => {
    const port = await freePort();
    await fixture.ingress.apply(await table(1, 'r1'));
    await fixture.ingress.prepare(await table(2, 'r2', port));
    await fixture.ingress.prepare(await table(2, 'r2'));
    await expect(ask(port)).rejects.toThrow('ECONNREFUSED');
  });

  it('that are taken are named; the table is kept, and the port is had as soon as it is free', async () => {
    const other = new Fixture();
    const port = await other.backend((_, response) => response.end('another program'));
    const mine = await table(2, 'r2', port);
    await expect(fixture.ingress.prepare(mine)).rejects.toMatchObject({ code: 'GL2004', message: expect.stringContaining(String(port)) });
    fixture.ingress.commit(2);
    expect([await ask(), await ask(port)]).toEqual(['r2', 'another program']);
    const before = performance.now();
    await expect(fixture.ingress.apply({ ...mine, version: 3 })).rejects.toMatchObject({ code: 'GL2004' });
    expect(performance.now() - before).toBeLessThan(1_000);
    other.close();
    let answer = '';
    await eventually('it is had', () => {
      void ask(port).then(
        (text) => (answer = text),
        () => undefined,
      );
      return answer === 'r2';
    });
    await fixture.ingress.apply({ ...mine, version: 4 });
  });
});
