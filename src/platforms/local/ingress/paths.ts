/** Pure reading of request targets: what is routed is what the backend reads, so anything two readers could take apart differently is refused. */

/**
 * The path of an origin-form target, ready to be matched against prefixes; undefined when it must be refused.
 * Percent-encoded letters, digits and `-._~` count as what they stand for, as RFC 3986 says.
 */
export function routablePath(target: string): string | undefined {
  if (target.charCodeAt(0) !== slash) return undefined;
  const path = pathOf(target);
  if (path.includes('%')) return decodedPath(path);
  if (path.includes('\\') || hasDotSegment(path)) return undefined;
  return path;
}

/** The target without its query. */
export function pathOf(target: string): string {
  const query = target.indexOf('?');
  return query === -1 ? target : target.slice(0, query);
}

/** Whether a prefix covers a path on segment borders: `/api` covers `/api` and `/api/x`, never `/apix`. */
export function covers(prefix: string, path: string): boolean {
  if (prefix === '/') return true;
  if (!path.startsWith(prefix)) return false;
  return path.length === prefix.length || path.charCodeAt(prefix.length) === slash;
}

/** A prefix as `covers` wants it: no slash at the end unless it is the whole. */
export function normalPrefix(prefix: string): string {
  const cut = prefix.replace(/\/+$/, '');
  return cut === '' ? '/' : cut;
}

/** Longest prefix first, so that the first that covers a path is the right one. */
export function byLength<T extends { readonly prefix: string }>(routes: readonly T[]): T[] {
  return routes.toSorted((a, b) => b.prefix.length - a.prefix.length);
}

/** Origin-form of a target, or undefined if its form or its host does not fit the Host header. */
export function originForm(target: string, host: string): string | undefined {
  if (target.charCodeAt(0) === slash) return target.includes('#') ? undefined : target;
  const absolute = /^https?:\/\/([^/?#]+)([/?][^#]*)?$/i.exec(target);
  if (absolute === null || absolute[1]?.toLowerCase() !== host.toLowerCase()) return undefined;
  const rest = absolute[2] ?? '/';
  return rest.startsWith('/') ? rest : `/${rest}`;
}

const slash = 47;
const malformed = /%(?![0-9a-f]{2})/i;
const unreserved = /%(?:2d|2e|5f|7e|3[0-9]|[46][1-9a-f]|[57][0-9a])/gi;
const separators = /%2f|%5c|\\/gi;

function decodedPath(path: string): string | undefined {
  if (malformed.test(path) || /%00/.test(path) || path.includes('\\')) return undefined;
  const decoded = path.replace(unreserved, (code) => String.fromCharCode(Number.parseInt(code.slice(1), 16)));
  return hasDotSegment(decoded.replace(separators, '/')) ? undefined : decoded;
}

function hasDotSegment(path: string): boolean {
  return path.includes('/.') && /\/\.{1,2}(?:\/|$)/.test(path);
}
