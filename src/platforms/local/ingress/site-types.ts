/** What a static file is, by its name. Pure. */

const types: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  htm: 'text/html; charset=utf-8',
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  mjs: 'text/javascript; charset=utf-8',
  json: 'application/json',
  map: 'application/json',
  webmanifest: 'application/manifest+json',
  xml: 'text/xml; charset=utf-8',
  txt: 'text/plain; charset=utf-8',
  md: 'text/markdown; charset=utf-8',
  csv: 'text/csv; charset=utf-8',
  svg: 'image/svg+xml',
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  webp: 'image/webp',
  avif: 'image/avif',
  ico: 'image/x-icon',
  bmp: 'image/bmp',
  woff: 'font/woff',
  woff2: 'font/woff2',
  ttf: 'font/ttf',
  otf: 'font/otf',
  wasm: 'application/wasm',
  pdf: 'application/pdf',
  zip: 'application/zip',
  gz: 'application/gzip',
  mp3: 'audio/mpeg',
  ogg: 'audio/ogg',
  wav: 'audio/wav',
  mp4: 'video/mp4',
  webm: 'video/webm',
  yaml: 'application/yaml',
  yml: 'application/yaml',
};

export function contentType(name: string): string {
  const type = types[extensionOf(name)];
  return typeof type === 'string' ? type : 'application/octet-stream';
}

/** Lower case, empty without one. */
export function extensionOf(name: string): string {
  const dot = name.lastIndexOf('.');
  return dot <= name.lastIndexOf('/') + 1 ? '' : name.slice(dot + 1).toLowerCase();
}

/**
 * Whether a name carries a hash of its content, as bundlers write it: `app-3f9a2b1c.js`, `index-BsX3f9a2.css`, `main.3f9a2b1c77de.js`.
 * Where it is not sure it says no: revalidating is cheap, a stale file that never goes away is not.
 */
export function hasContentHash(name: string): boolean {
  const hash = /[.-]([A-Za-z0-9_-]{8,64}?)\.(?:[a-z0-9]+\.)?[a-z0-9]+$/.exec(name.slice(name.lastIndexOf('/') + 1));
  const candidates = [hash?.[1], /[.-]([A-Za-z0-9_]{8,64})\.(?:[a-z0-9]+\.)?[a-z0-9]+$/.exec(name)?.[1]];
  return candidates.some((text) => text !== undefined && looksHashed(text));
}

function looksHashed(text: string): boolean {
  if (/^[0-9a-f]{8,64}$/.test(text)) return /\d/.test(text) && /[a-f]/.test(text);
  return text.length === 8 && /\d[A-Za-z_-]/.test(text) && /[A-Z]/.test(text);
}

export function cacheControl(name: string): string {
  return hasContentHash(name) && !/\.html?$/i.test(name) ? 'public, max-age=31536000, immutable' : 'no-cache';
}

/** One range of bytes, `unsatisfiable`, or undefined where the whole file is the answer (none, several or malformed ranges). */
export function byteRange(
  header: string | undefined,
  size: number,
): { readonly start: number; readonly end: number } | 'unsatisfiable' | undefined {
  const match = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header ?? '');
  if (match === null || (match[1] === '' && match[2] === '')) return undefined;
  const start = match[1] === '' ? Math.max(0, size - Number(match[2])) : Number(match[1]);
  const end = match[1] === '' || match[2] === '' ? size - 1 : Math.min(Number(match[2]), size - 1);
  if (match[1] !== '' && match[2] !== '' && Number(match[1]) > Number(match[2])) return undefined;
  return start >= size || (match[1] === '' && Number(match[2]) === 0) ? 'unsatisfiable' : { start, end };
}

/** Whether what the client has is still right. If-None-Match wins over If-Modified-Since. */
export function isFresh(
  file: { readonly etag: string; readonly modified: number },
  ifNoneMatch: string | undefined,
  ifModifiedSince: string | undefined,
): boolean {
  if (ifNoneMatch !== undefined)
    return ifNoneMatch.split(',').some((tag) => tag.trim() === '*' || tag.trim().replace(/^W\//, '') === file.etag);
  const since = ifModifiedSince === undefined ? Number.NaN : Date.parse(ifModifiedSince);
  return !Number.isNaN(since) && Math.floor(file.modified / 1_000) * 1_000 <= since;
}

/** Encodings of a precompressed file that the client takes, best first. */
export function acceptedEncodings(header: string | undefined): readonly ('br' | 'gzip')[] {
  const accepted = new Set(
    (header ?? '')
      .split(',')
      .filter((part) => !/;\s*q=0(?:\.0*)?\s*$/.test(part))
      .map((part) => part.split(';')[0]?.trim().toLowerCase()),
  );
  return (['br', 'gzip'] as const).filter((encoding) => accepted.has(encoding));
}
