import type { Refusal } from './headers.ts';

/** Methods that pass: those of HTTP itself and of WebDAV. */
const passing = new Set([
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'OPTIONS',
  'PROPFIND',
  'PROPPATCH',
  'MKCOL',
  'COPY',
  'MOVE',
  'LOCK',
  'UNLOCK',
  'REPORT',
  'SEARCH',
  'MKCALENDAR',
  'ACL',
]);

const notAllowed: Refusal = { status: 405, reason: 'This method is not allowed here.' };
const unknown: Refusal = { status: 501, reason: 'This method is not known here.' };

export function refusedMethod(method: string): Refusal | undefined {
  if (passing.has(method)) return undefined;
  return method === 'TRACE' || method === 'CONNECT' ? notAllowed : unknown;
}
