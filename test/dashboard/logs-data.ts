/** Log lines for the tests of their page: what programs really write, and what somebody would write to break a page. */
import type { LogEntry } from '../../src/server/api/index.ts';

type NewLine = Omit<LogEntry, 'id'>;

const sources = ['backend-3f9a-1', 'backend-3f9a-2', 'backend-3f9a-3', 'frontend-3f9a-1', 'frontend-3f9a-2'];

export function lineOf(text: string, over: Partial<NewLine> = {}): NewLine {
  return {
    at: new Date().toISOString(),
    source: 'backend-3f9a-1',
    service: 'backend',
    replica: 'backend-3f9a-1',
    stream: 'stdout',
    text,
    ...over,
  };
}

function from(source: string): Partial<NewLine> {
  return { source, service: source.replace(/-3f9a.*/u, ''), replica: source };
}

/** Of Gantry itself, or of a resource. */
function outside(source: string, text: string, stream: NewLine['stream']): NewLine {
  return lineOf(text, { source, service: null, replica: null, stream });
}

/** A program that logs JSON, one that writes what frameworks write, a database, and Gantry. @param at ms since 1970 */
export function ordinary(count: number, at = Date.now() - count * 10): LogEntry[] {
  return Array.from({ length: count }, (_, index) => ({ ...ordinaryLine(index, at + index * 10), id: index + 1 }));
}

function ordinaryLine(index: number, at: number): NewLine {
  const source = sources[index % sources.length] ?? '';
  const own = { ...from(source), at: new Date(at).toISOString() };
  if (index % 97 === 0) return { ...outside('supervisor', `backend: replica ${sources[1]} is ready after 240 ms`, 'gantry'), at: own.at };
  if (index % 41 === 0)
    return { ...outside('db', `${stamp(at)} UTC [412] LOG:  checkpoint complete: wrote ${index} buffers`, 'stderr'), at: own.at };
  if (index % 29 === 0) return lineOf(`WARN slow query took ${200 + (index % 300)} ms`, { ...own, stream: 'stderr' });
  if (source.startsWith('frontend')) return lineOf(`127.0.0.1 - GET /assets/index-${index % 7}.js 200 ${index % 9} ms`, own);
  return lineOf(JSON.stringify(request(index, at)), own);
}

function stamp(at: number): string {
  return new Date(at).toISOString().replace('T', ' ').replace('Z', '');
}

function request(index: number, at: number): object {
  const isBroken = index % 53 === 0;
  const req = { method: 'GET', url: `/api/tasks?page=${index % 12}` };
  const err = isBroken
    ? {
        err: {
          type: 'Error',
          message: 'connect ECONNREFUSED',
          stack: 'Error: connect ECONNREFUSED 127.0.0.1:1\n    at Socket.connect (node:net:1)',
        },
      }
    : {};
  return {
    level: isBroken ? 50 : 30,
    time: at,
    pid: 4000 + (index % 3),
    reqId: `req-${index}`,
    msg: isBroken ? 'request failed' : 'request completed',
    req,
    statusCode: isBroken ? 500 : 200,
    responseTime: index % 40,
    ...err,
  };
}

const esc = '\u001b';

/** Everything that a page must show as what it is. */
export const hostileLines: readonly NewLine[] = [
  lineOf('<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>'),
  lineOf(
    `${esc}[1;31mERROR${esc}[0m ${esc}[38;5;208morange${esc}[0m ${esc}[38;2;80;160;255mtrue colour${esc}[0m ${esc}[43;30mon yellow${esc}[0m ${esc}[4munderlined${esc}[0m`,
  ),
  lineOf(
    `${esc}]8;;javascript:window.hacked=1${esc}\\a link${esc}]8;;${esc}\\ and ${esc}]0;title\u0007a title and ${esc}[2Ja cleared screen`,
  ),
  lineOf('user\u202egnp.exe and a bell \u0007 and a null \u0000'),
  lineOf(
    JSON.stringify({
      level: 'warn',
      msg: '<b>bold</b>',
      html: '<img src=x onerror="window.hacked=1">',
      nested: { a: [1, 2] },
      __proto__x: 'kept',
    }).replace('__proto__x', '__proto__'),
  ),
  lineOf('x'.repeat(16_384), { characters: 1_048_576 }),
  lineOf('no time is known of this one', { at: undefined as never }),
  lineOf(`unended ${esc}]0;the rest is still here`),
].map(({ at, ...line }) => (at === undefined ? line : { ...line, at }));
