import {
  appendFileSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  closeSync,
  existsSync,
  mkdirSync,
} from 'node:fs';
import { createServer as createHttp, type RequestListener, type Server } from 'node:http';
import { createServer as createTcp } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { logFile, logIndex } from '../log-files.ts';
import { systemClock } from './clock.ts';
import { elsewhere, listenersOf, parseTcpTable } from './listening.ts';
import { lastLines, removeOldLogs, startRotation } from './log-rotation.ts';
import { exposition, replicaFamilies, sumByGroup } from './metrics.ts';
import { probeHttp, probeTcp } from './probe.ts';
import { members, parseProcess, parsePsLine } from './processes.ts';
import { loadState, saveQuickly, saveState } from './state-file.ts';
import { identityOf } from './testing/kit.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gantry-parts-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('state files', () => {
  it('come back as they were, and keep what was before', async () => {
    const file = join(folder, 's.json');
    expect(await loadState(file)).toBeUndefined();
    await saveState(file, { a: 1 });
    await saveState(file, { a: [2, null, 'ü'] });
    expect(await loadState(file)).toEqual({ value: { a: [2, null, 'ü'] }, fromPrevious: false });
    rmSync(file);
    expect(await loadState(file)).toEqual({ value: { a: 1 }, fromPrevious: true });
  });

  it('damaged at any byte, cut at any byte: the snapshot before, never something else and never nothing', async () => {
    const file = join(folder, 's.json');
    await saveState(file, { release: 'old' });
    await saveState(file, { release: 'new', counts: { web: 2 } });
    const whole = readFileSync(file);
    const values: unknown[] = [];
    for (let at = 0; at < whole.length - 1; at += 1) {
      const flipped = Buffer.from(whole);
      flipped[at] = (flipped[at] ?? 0) ^ 1;
      for (const damaged of [flipped, whole.subarray(0, at)]) {
        writeFileSync(file, damaged);
        values.push((await loadState<{ release: string }>(file))?.value.release);
      }
    }
    expect(new Set(values)).toEqual(new Set(['old']));
  });

  it('that are all damaged, or not files, are an error', async () => {
    const file = join(folder, 's.json');
    writeFileSync(file, '');
    await expect(loadState(file)).rejects.toMatchObject({ code: 'GL1017' });
    rmSync(file);
    symlinkSync('/etc/hostname', file);
    await expect(loadState(file)).rejects.toMatchObject({ code: 'GL1017' });
    rmSync(file);
    mkdirSync(file);
    await expect(loadState(file)).rejects.toMatchObject({ code: 'GL1017' });
  });

  it('do not lose the good snapshot when a damaged file is replaced', async () => {
    const file = join(folder, 's.json');
    await saveState(file, 1);
    await saveState(file, 2);
    writeFileSync(file, 'x');
    await saveState(file, 3);
    writeFileSync(file, 'x');
    expect(await loadState(file)).toEqual({ value: 1, fromPrevious: true });
    await saveQuickly(file, 4);
    expect(await loadState(file)).toEqual({ value: 4, fromPrevious: false });
  });
});

describe('logs', () => {
  const settle = async (partBytes: number): Promise<{ bytes: number; errors: number }> => {
    const rotation = startRotation({ logDir: folder, clock: systemClock, partBytes });
    await rotation.check();
    rotation.stop();
    return rotation.lost;
  };

  it('are copied and cut, while the program goes on appending', async () => {
    const log = openSync(logFile(folder, 'web-1'), 'a');
    appendFileSync(log, 'a'.repeat(150));
    expect(await settle(100)).toEqual({ bytes: 50, errors: 0 });
    appendFileSync(log, 'b'.repeat(120));
    await settle(100);
    appendFileSync(log, 'c'.repeat(30));
    await settle(100);
    closeSync(log);
    expect([0, 1, 2].map((part) => readFileSync(logFile(folder, 'web-1', part), 'utf8'))).toEqual([
      'c'.repeat(30),
      'b'.repeat(100),
      'a'.repeat(100),
    ]);
  });

  it('get an index of times', async () => {
    appendFileSync(logFile(folder, 'web-1'), 'hello\n');
    const rotation = startRotation({ logDir: folder, clock: systemClock });
    await rotation.check();
    appendFileSync(logFile(folder, 'web-1'), 'again\n');
    await rotation.check();
    rotation.stop();
    const lines = readFileSync(logIndex(folder, 'web-1'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => line.split(' ').map(Number));
    expect(lines.map(([offset]) => offset)).toEqual([0, 6]);
    expect(Math.abs((lines[0]?.[1] ?? 0) - Date.now())).toBeLessThan(60_000);
  });

  it('show their last lines, however long and broken they are', async () => {
    writeFileSync(
      logFile(folder, 'x'),
      Buffer.concat([Buffer.alloc(200_000, 'y'), Buffer.from('\n\n'), Buffer.from([0xff, 0xfe]), Buffer.from('\nlast')]),
    );
    expect(await lastLines(folder, 'x', 2)).toEqual(['\ufffd\ufffd', 'last']);
    expect(await lastLines(folder, 'none', 2)).toEqual([]);
  });

  it('of what has ended are removed, the newest stay', async () => {
    for (const name of ['a', 'b', 'c', 'used']) writeFileSync(logFile(folder, name), name);
    await removeOldLogs(folder, new Set(['used']), 0);
    expect(['a', 'b', 'c', 'used'].map((name) => existsSync(logFile(folder, name)))).toEqual([false, false, false, true]);
  });
});

describe('probes', () => {
  const servers: { close(): unknown }[] = [];
  afterEach(() => {
    for (const server of servers.splice(0)) server.close();
  });

  async function answering(listener: RequestListener): Promise<number> {
    const server: Server = createHttp(listener);
    servers.push({ close: () => server.close() && server.closeAllConnections() });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  it('take any 2xx, whatever it says', async () => {
    const port = await answering((request, response) =>
      response.writeHead(request.url === '/204' ? 204 : 200).end(request.url === '/204' ? undefined : 'UP'),
    );
    expect(await probeHttp(port, '/', 1000)).toMatchObject({ passed: true });
    expect(await probeHttp(port, '/204', 1000)).toMatchObject({ passed: true });
    expect(await probeTcp(port, 1000)).toMatchObject({ passed: true });
  });

  it('follow no redirect and tell the status', async () => {
    const port = await answering((request, response) => response.writeHead(request.url === '/r' ? 302 : 503, { location: '/' }).end());
    expect(await probeHttp(port, '/r', 1000)).toMatchObject({ passed: false, answered: true, detail: '/r answered 302' });
    expect(await probeHttp(port, '/', 1000)).toMatchObject({ passed: false, answered: true, detail: '/ answered 503' });
  });

  it('have one deadline for everything', async () => {
    const silent = await answering(() => undefined);
    expect(await probeHttp(silent, '/', 100)).toMatchObject({ passed: false, answered: false, detail: '/ did not answer within 100 ms' });
    const slow = await answering((_request, response) => {
      response.writeHead(200);
      const timer = setInterval(() => response.write('x'), 10);
      response.once('close', () => clearInterval(timer));
    });
    expect(await probeHttp(slow, '/', 200)).toMatchObject({
      passed: false,
      answered: true,
      detail: '/ did not end its answer within 200 ms',
    });
  });

  it('read no more than 64 KiB', async () => {
    let sent = 0;
    const port = await answering((_request, response) => {
      const more = (): void => {
        while (!response.destroyed && sent < 50_000_000 && response.write(Buffer.alloc(65_536))) sent += 65_536;
        response.once('drain', more);
      };
      more();
    });
    expect(await probeHttp(port, '/', 2000)).toMatchObject({ passed: true });
    expect(sent).toBeLessThan(20_000_000);
  });

  it('tell a closed port and another protocol', async () => {
    const other = createTcp((socket) => socket.end('+PONG\r\n'));
    servers.push(other);
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const address = other.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    expect(await probeHttp(port, '/', 1000)).toMatchObject({ passed: false, answered: true, detail: `port ${port} does not speak HTTP` });
    other.close();
    expect(await probeHttp(port, '/', 1000)).toMatchObject({ passed: false, refused: true, detail: `nothing listens on port ${port}` });
    expect(await probeTcp(port, 1000)).toMatchObject({ passed: false, refused: true });
  });

  it('find where a program listens', async () => {
    const port = await answering(() => undefined);
    const found = listenersOf([process.pid]);
    expect(found).toContainEqual({ port, address: '127.0.0.1', reachable: true });
    expect(elsewhere(found, port)).toBeUndefined();
    expect(elsewhere([{ port: 3000, address: '*', reachable: true }], 41_000)?.words).toBe(
      'it listens on port 3000 instead of 41000, which PORT says',
    );
    expect(elsewhere([{ port: 41_000, address: '::1', reachable: false }], 41_000)?.words).toBe(
      'it listens on port 41000 of ::1 only, which 127.0.0.1 does not reach',
    );
    expect(elsewhere([], 41_000)).toBeUndefined();
    expect(
      parseTcpTable('head\n 0: 0100007F:1F90 00000000:0000 0A 0:0 0:0 0 0 0 77 1\n 1: 0100007F:1F91 0100007F:0001 01 0:0 0:0 0 0 0 78 1'),
    ).toEqual([{ inode: '77', port: 8080, address: '127.0.0.1', reachable: true }]);
  });
});

describe('processes', () => {
  it('are read from /proc and from ps', () => {
    const stat = '42 (a) b) S 1 40 40 0 -1 0 0 0 0 0 150 50 70 30 20 0 1 0 987 1000 25 1';
    expect(parseProcess(42, stat)).toEqual({ pid: 42, group: 40, state: 'S', startTime: '987', cpuSeconds: 3, memoryBytes: 102_400 });
    expect(parseProcess(42, stat.replace(' S ', ' Z '))).toBeUndefined();
    expect(parsePsLine('  42  40 S+   1:02.50  2048 Tue Nov  3 10:41:02 2026')).toMatchObject([
      { pid: 42, group: 40, state: 'S', cpuSeconds: 62.5, memoryBytes: 2_097_152 },
    ]);
    expect(parsePsLine('  42  40 Z    0:00.00  0 Tue Nov  3 10:41:02 2026')).toEqual([]);
  });

  it('of a pid that was given to another program are nobody', async () => {
    const self = await identityOf(process.pid);
    expect(await members({ ...self, startTime: '1' }, { GANTRY_REPLICA: 'none', GANTRY_RELEASE: 'none', PORT: '0' })).toEqual([]);
  });

  it('are summed by group; one without a process has no usage', () => {
    const info = { state: 'S', startTime: '1', cpuSeconds: 1.5, memoryBytes: 10 };
    const usage = sumByGroup([
      { ...info, pid: 1, group: 1 },
      { ...info, pid: 2, group: 1 },
      { ...info, pid: 3, group: 3 },
    ]);
    expect(usage.get(1)).toEqual({ cpuSeconds: 3, memoryBytes: 20 });
    const replica = {
      id: 'a"b',
      service: 's',
      release: 'r',
      set: 'live' as const,
      ready: true,
      restarts: 2,
      limits: { cpu: 1, memory: 2 },
    };
    const text = exposition(
      replicaFamilies(
        [
          { ...replica, identity: { pid: 1, startTime: '', bootId: '' } },
          { ...replica, id: 'c', identity: undefined },
        ],
        usage,
      ),
    );
    expect(text).toContain('gantry_replica_cpu_seconds_total{replica="a\\"b",service="s",release="r",set="live"} 3\n');
    expect(text).not.toMatch(/cpu_seconds_total\{replica="c"/);
    expect(text).toContain('gantry_replica_restarts_total{replica="c"');
  });
});
