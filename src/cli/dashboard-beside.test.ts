import { expect, it, vi } from 'vitest';
import { testIo } from '../../test/rig/io.ts';
import { GantryError } from '../errors.ts';
import type { Client } from '../platforms/local/client.ts';
import type { Dashboard, openDashboard as open } from './dashboard.ts';
import { dashboardBeside } from './dashboard-beside.ts';

const openDashboard = vi.hoisted(() => vi.fn<typeof open>());
vi.mock('./dashboard.ts', () => ({ openDashboard }));

/** A supervisor whose app answers there. */
function supervisorAt(url: string): Client {
  return { request: async () => ({ url }), close: () => {}, closed: Promise.resolve() } as unknown as Client;
}

it('asks for the port after the app, and for any when there is none', async () => {
  const io = testIo();
  const dashboard: Dashboard = { url: 'http://127.0.0.1:9001', link: () => '', close: async () => {} };
  openDashboard.mockResolvedValue(dashboard);
  expect(await dashboardBeside(io, '/apps/shop', supervisorAt('http://127.0.0.1:9000'))).toBe(dashboard);
  await dashboardBeside(io, '/apps/shop', supervisorAt('http://127.0.0.1:65535'));
  expect(openDashboard.mock.calls.map(([, folder, port]) => [folder, port])).toEqual([
    ['/apps/shop', 9001],
    ['/apps/shop', 0],
  ]);
  expect(io.out()).toBe('');
});

it('cannot harm the app: what keeps it from starting is one line', async () => {
  const io = testIo();
  openDashboard.mockRejectedValue(new GantryError('GL1004', 'no port\u001B[2J is free\nat all'));
  expect(await dashboardBeside(io, '/apps/shop', supervisorAt('http://127.0.0.1:9000'))).toBeUndefined();
  expect(io.out()).toBe('  The dashboard could not be started: no port is free\n');
});
