/** Where the processes of a replica really listen, to tell "listens elsewhere" from "does not listen". */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

export interface Listener {
  readonly port: number;
  /** 127.0.0.1 reaches it. */
  readonly reachable: boolean;
  /** `127.0.0.1`, `::1`, `*` or another address in the kernel's hexadecimal. */
  readonly address: string;
}

/** Listening TCP sockets of these processes. Empty where the system does not say (outside of Linux). */
export function listenersOf(pids: readonly number[]): Listener[] {
  const inodes = new Set(pids.flatMap(socketInodes));
  const tables = ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((file) => parseTcpTable(read(file)));
  const found = tables.filter(({ inode }) => inodes.has(inode)).map(({ inode: _inode, ...listener }) => listener);
  return [...new Map(found.map((listener) => [`${listener.address}:${listener.port}`, listener])).values()];
}

function read(file: string): string {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return '';
  }
}

function socketInodes(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).flatMap((name) => inodeOf(`/proc/${pid}/fd/${name}`));
  } catch {
    return [];
  }
}

function inodeOf(link: string): string[] {
  try {
    const [, inode] = /^socket:\[(\d+)\]$/.exec(readlinkSync(link)) ?? [];
    return inode === undefined ? [] : [inode];
  } catch {
    return [];
  }
}

const listening = '0A';
/** A busy machine has tens of thousands of rows, nearly all of them connections: those are not taken apart. */
const listeningRow = ` ${listening} `;
/** As the kernel prints them: each 32-bit word in the machine's byte order. */
const addresses: Readonly<Record<string, string>> = {
  '0100007F': '127.0.0.1',
  '00000000': '*',
  '00000000000000000000000000000000': '*',
  '00000000000000000000000001000000': '::1',
  '0000000000000000FFFF00000100007F': '127.0.0.1',
};

export function parseTcpTable(table: string): (Listener & { readonly inode: string })[] {
  return table
    .split('\n')
    .filter((row) => row.includes(listeningRow))
    .flatMap((row) => {
      const [, local = '', , state, , , , , , inode = ''] = row.trim().split(/\s+/);
      const [address = '', port = ''] = local.split(':');
      if (state !== listening || port === '') return [];
      const name = addresses[address] ?? address;
      return [{ inode, port: Number.parseInt(port, 16), address: name, reachable: name === '*' || name === '127.0.0.1' }];
    });
}

export interface Misplaced {
  readonly ports: readonly number[];
  readonly words: string;
}

/** What is wrong with where a program listens; undefined when there is nothing to say. */
export function elsewhere(listeners: readonly Listener[], expected: number): Misplaced | undefined {
  if (listeners.length === 0 || listeners.some(({ port, reachable }) => port === expected && reachable)) return undefined;
  const [there] = listeners.filter(({ port }) => port === expected);
  if (there !== undefined)
    return { ports: [expected], words: `it listens on port ${expected} of ${there.address} only, which 127.0.0.1 does not reach` };
  const ports = [...new Set(listeners.map(({ port }) => port))].toSorted((a, b) => a - b);
  return { ports, words: `it listens on port ${ports.join(', ')} instead of ${expected}, which PORT says` };
}
