/** The file system as a process of the model has it: any change may fail, be torn, or be the last thing that the process does. */
import { AsyncLocalStorage } from 'node:async_hooks';
import type * as Promises from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import type { Process } from './world.ts';

/** Whose work this is; nobody's while the test itself looks. */
export const acting = new AsyncLocalStorage<Process>();

type Disk = typeof Promises;

/** To be put in the place of `node:fs/promises`. */
export function faultyDisk(disk: Disk): Disk {
  const { open, link, mkdir, rename, rm, writeFile } = disk;
  return {
    ...disk,
    open: async (...args: Parameters<Disk['open']>) => faultyFile(await open(...args)),
    link: async (...args: Parameters<Disk['link']>) => change('link', async () => link(...args)),
    mkdir: (async (...args: Parameters<Disk['mkdir']>) => change('mkdir', async () => mkdir(...args))) as Disk['mkdir'],
    rename: async (...args: Parameters<Disk['rename']>) => change('rename', async () => rename(...args)),
    rm: async (...args: Parameters<Disk['rm']>) => change('rm', async () => rm(...args)),
    writeFile: (async (...[file, data, options]: Parameters<Disk['writeFile']>) =>
      change(
        'write',
        async () => writeFile(file, data, options),
        async () => writeFile(file, halfOf(data), options),
      )) as Disk['writeFile'],
  };
}

function faultyFile(file: FileHandle): FileHandle {
  return new Proxy(file, {
    get: (target, name) => {
      if (name === 'writeFile')
        return async (data: Buffer | string) =>
          change(
            'write',
            async () => target.writeFile(data),
            async () => target.writeFile(halfOf(data)),
          );
      if (name === 'sync') return async () => change('sync', async () => target.sync());
      if (name === 'truncate') return async (length: number) => change('truncate', async () => target.truncate(length));
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}

function halfOf(data: unknown): Buffer {
  const bytes = Buffer.from(data as string);
  return bytes.subarray(0, bytes.length >> 1);
}

async function change<T>(name: string, work: () => Promise<T>, half: () => Promise<unknown> = async () => undefined): Promise<T> {
  const process = acting.getStore();
  if (process === undefined) return work();
  process.live(name);
  const trouble = process.diskTrouble();
  if (trouble === 'crash') process.die(name);
  if (trouble === 'torn') await half().then(() => process.die(name));
  if (trouble === 'ENOSPC') await half().then(() => fail(name, trouble));
  const result = await work();
  if (trouble === 'EIO') fail(name, trouble);
  return result;
}

function fail(name: string, code: string): never {
  throw Object.assign(new Error(`${code}, ${name}`), { code });
}
