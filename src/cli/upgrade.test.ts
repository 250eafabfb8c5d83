import { tmpdir } from 'node:os';
import { expect, it, vi } from 'vitest';
import { testIo } from '../../test/rig/io.ts';
import { GantryError } from '../errors.ts';
import type { Client } from '../platforms/local/client.ts';
import { placesOf } from '../platforms/local/places.ts';
import { ownBuild } from './upgrade.ts';

vi.mock('./dist.ts', () => ({ buildDigest: () => 'this one', distDir: () => tmpdir() }));

it('does not claim to have taken over an app whose supervisor refuses it', async () => {
  const request = async (name: string): Promise<unknown> => {
    if (name === 'hello') return { version: '0.0.9', build: 'another', url: 'http://127.0.0.1:1' };
    throw new GantryError('GR1001', 'this environment is being changed');
  };
  const io = testIo();
  const client = { request, close: () => {} } as unknown as Client;
  const asked = ownBuild(io, placesOf(tmpdir()), { app: 'shop', environment: 'local' }, client);
  await expect(asked).rejects.toMatchObject({ code: 'GR1001' });
  expect(io.out()).toBe('');
});
