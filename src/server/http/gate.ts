/**
 * What is looked at before any route: whether the request came to this server by its own name, from its own pages, in a form that it
 * knows. A page of somebody else can make a browser send requests here; it cannot make them look like those of the dashboard.
 */
import type { IncomingMessage } from 'node:http';
import { GantryError } from '../../errors.ts';
import type { Refused } from './refusal.ts';

/** Nothing when the request may go on. */
export function refusalOf(request: IncomingMessage, port: number): Refused | undefined {
  const path = pathOf(request.url ?? '');
  return misplaced(request, port) ?? (path === undefined ? refuse(400, 'The path is not one of a request.') : unfit(request, path));
}

/** Decoded, without the query; undefined when it is not plain: absolute, empty or dotted segments, backslashes, control characters. */
function pathOf(url: string): string | undefined {
  try {
    const path = decodeURIComponent(url.split('?', 1)[0] ?? '');
    const isPlain = path.startsWith('/') && !/\/\/|\\|[\0-\x1f\x7f]|\/\.{1,2}(\/|$)/.test(path);
    return isPlain ? path : undefined;
  } catch {
    return undefined;
  }
}

export function isApi(path: string): boolean {
  return path === '/api' || path.startsWith('/api/');
}

function misplaced({ headersDistinct: headers }: IncomingMessage, port: number): Refused | undefined {
  const [host, ...others] = headers['host'] ?? [];
  if (host === undefined || others.length > 0 || !hostsOf(port).includes(host)) return elsewhere(421, 'This server is not at that host.');
  const foreign = (headers['origin'] ?? []).some((origin) => origin !== `http://${host}`);
  return foreign ? elsewhere(403, 'The request was made by a page that is not the dashboard.') : undefined;
}

function hostsOf(port: number): string[] {
  return ['127.0.0.1', 'localhost', '[::1]'].map((name) => `${name}:${port}`);
}

function unfit({ method = '', headers }: IncomingMessage, path: string): Refused | undefined {
  const methods = isApi(path) ? ['GET', 'POST'] : ['GET', 'HEAD'];
  if (!methods.includes(method)) return refuse(405, `${path} takes ${methods.join(' and ')} only.`, { allow: methods.join(', ') });
  if (headers.upgrade !== undefined) return refuse(400, 'The dashboard does not speak any other protocol than HTTP.');
  if (isApi(path) && !isOwnFetch(headers['sec-fetch-site']))
    return elsewhere(403, 'The request was made by a page that is not the dashboard.');
  if (method === 'POST' && !isJson(headers['content-type'])) return refuse(415, 'The body has to be application/json.');
  return undefined;
}

/** The app on the next port is of the same site, and still somebody else. Absent where the client is no browser. */
function isOwnFetch(site: unknown): boolean {
  return site === undefined || site === 'same-origin' || site === 'none';
}

/** A page of somebody else can send every other type without asking first. */
function isJson(type: string | undefined): boolean {
  return type?.split(';', 1)[0]?.trim().toLowerCase() === 'application/json';
}

function refuse(status: number, message: string, headers: Readonly<Record<string, string>> = {}): Refused {
  return { status, headers, error: new GantryError('GC2004', message) };
}

function elsewhere(status: number, message: string): Refused {
  return { status, headers: {}, error: new GantryError('GC2003', message) };
}
