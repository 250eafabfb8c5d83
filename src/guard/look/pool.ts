/** How many database connections one replica opens, where that can be read. */
import type { Service } from '../../app/model.ts';
import type { GuardContext } from '../guard.ts';
import { bracketed, withoutComments } from './code.ts';
import { lineAt, packageOf } from './files.ts';
import { serverFiles } from './program.ts';

export interface Pool {
  readonly size: number;
  readonly where: string;
}

const variable =
  /^(?:(?:DATABASE|DB|PG|POSTGRES|POSTGRESQL|SQL)_?)(?:POOL(?:_?(?:SIZE|MAX))?|MAX_?POOL(?:_?SIZE)?|MAX_CONNECTIONS|CONNECTION_LIMIT)$/i;
/** Where people open their connections: these files are read first, and mostly alone. */
const telling = /(?:^|[/._-])(?:db|database|pg|pool|postgres|sql|store|client|connection)/i;
/** Of the package `pg`, for a pool that does not say. */
export const usualPool = 10;

/**
 * @param reads look into the source, where no variable says it
 * @returns undefined where it cannot be read: nothing is guessed
 */
export function poolOf(context: GuardContext, service: Service, reads: boolean): Pool | undefined {
  const named = Object.entries(service.variables).find(([name]) => variable.test(name));
  if (named !== undefined) {
    const size = Number(named[1].join(''));
    return Number.isInteger(size) && size > 0
      ? { size, where: context.locate(`services.${service.name}.variables.${named[0]}`) }
      : undefined;
  }
  if (!reads || packageOf(context, service)?.dependencies.has('pg') !== true) return undefined;
  const files = serverFiles(context, service);
  const likely = files.filter(({ path }) => telling.test(path));
  for (const { path, text } of new Set([...likely, ...files])) {
    if (!text.includes('Pool(')) continue;
    const code = withoutComments(text, path);
    const match = /\bnew\s+(?:pg\.)?Pool\s*\(/.exec(code);
    if (match === null) continue;
    const size = sizeIn(bracketed(code, match.index + match[0].length - 1), code);
    return size === undefined ? undefined : { size, where: `${path}:${lineAt(code, match.index)}` };
  }
  return undefined;
}

function sizeIn(options: string, code: string): number | undefined {
  const [, written] = /\bmax\s*:\s*([\w.[\]'"]+)/.exec(options) ?? [];
  if (written === undefined) return isWritten(options) ? usualPool : undefined;
  if (/^\d+$/.test(written)) return Number(written);
  if (!/^\w+$/.test(written)) return undefined;
  const [, value] = new RegExp(String.raw`\bconst\s+${written}\s*(?::[^=\n]+)?=\s*(\d+)\s*[;\n]`).exec(code) ?? [];
  return value === undefined ? undefined : Number(value);
}

/** Options that are all there to see: `new Pool(config)` may say anything. */
function isWritten(options: string): boolean {
  return /^\(\s*\)$/.test(options) || (/^\(\s*\{/.test(options) && !options.includes('...'));
}
