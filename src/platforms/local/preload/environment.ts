/** Which programs take the preload, and how they are told to. */
import { closeSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import type { Environment } from '../../../exec/exec.ts';
import type { ServiceSpec } from '../../../stack/process.ts';
import { programOf, startsNode } from '../../../stack/programs.ts';

/**
 * What makes a program listen on `port` where it asks for the service's declared one.
 * @param file absolute path of preload.cjs
 * @param folder the service's content: with it, scripts are recognised by their first line
 * @returns undefined when the program is none of Node's, or when its own NODE_OPTIONS are not known before it starts
 */
export function preloadEnvironment(
  service: Pick<ServiceSpec, 'run' | 'port' | 'env'>,
  port: number,
  file: string,
  folder?: string,
): Environment | undefined {
  const own = service.env['NODE_OPTIONS'] ?? '';
  if (service.port === undefined || typeof own !== 'string' || !isNodeProgram(service.run, folder)) return undefined;
  return { NODE_OPTIONS: [own, `--require ${quoted(file)}`].filter(Boolean).join(' '), GANTRY_PORT_MAP: `${service.port}:${port}` };
}

/** Also scripts of the service that say so in their first line. */
export function isNodeProgram(run: readonly string[], folder?: string): boolean {
  const program = programOf(run);
  return startsNode(run) || (folder !== undefined && program.includes('/') && hasNodeShebang(join(folder, program)));
}

function hasNodeShebang(file: string): boolean {
  try {
    const descriptor = openSync(file, 'r');
    const bytes = Buffer.alloc(128);
    const length = readSync(descriptor, bytes);
    closeSync(descriptor);
    return /^#!.*\bnode(?:js)?\b/.test(bytes.toString('latin1', 0, length));
  } catch {
    return false;
  }
}

/** As Node reads NODE_OPTIONS: words end at spaces unless they are in double quotes. */
function quoted(path: string): string {
  return `"${path.replaceAll(/["\\]/g, String.raw`\$&`)}"`;
}
