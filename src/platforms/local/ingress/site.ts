/** Static sites, straight from a folder. */
import type { Stats } from 'node:fs';
import { open, realpath, stat, type FileHandle } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { Account } from './account.ts';
import { answerFor } from './answers.ts';
import { giveFirst, type FirstAnswer } from './first-answer.ts';
import type { FrontEvents, FrontRequest } from './front.ts';
import { headerValue, type RequestHead } from './headers.ts';
import { isFound } from './other-set.ts';
import type { Place, Site } from './routing.ts';
import type { Surroundings } from './surroundings.ts';
import { acceptedEncodings, byteRange, cacheControl, contentType, extensionOf, isFresh } from './site-types.ts';

const chunkBytes = 64 * 1024;

interface FoundFile {
  readonly path: string;
  readonly stats: Stats;
}

interface Variant extends FoundFile {
  readonly encoding: 'br' | 'gzip' | undefined;
}

export class SiteExchange implements FrontEvents {
  readonly #around: Surroundings;
  readonly #front: FrontRequest;
  readonly #head: RequestHead;
  readonly #site: Site;
  readonly #place: Place;
  readonly #account: Account;
  #done = false;
  #drained: (() => void) | undefined;

  constructor(around: Surroundings, front: FrontRequest, head: RequestHead, site: Site, place: Place) {
    this.#around = around;
    this.#front = front;
    this.#head = head;
    this.#site = site;
    this.#place = place;
    this.#account = new Account(around, front, head, place.first);
    this.#account.enter(site);
    front.events = this;
  }

  start(): void {
    const { method } = this.#front;
    if (method !== 'GET' && method !== 'HEAD') return this.#refuse(405, ['Allow', 'GET, HEAD']);
    this.#serve(this.#place.path).catch(() => this.#broken());
  }

  onBody(): void {
    // A body of a GET means nothing here; it is thrown away.
  }

  onBodyEnd(): void {
    // See onBody.
  }

  onDrain(): void {
    this.#drained?.();
  }

  onClose(): void {
    this.#finish();
    this.#drained?.();
  }

  async #serve(path: string): Promise<void> {
    const inside = insidePath(this.#site.prefix, path);
    if (inside === undefined) return this.#missing();
    const root = await realpath(this.#site.dir);
    const found = await this.#find(root, inside, path);
    if (found === 'folder') return this.#toFolder();
    if (found === undefined) return this.#missing();
    const variant = await this.#variant(root, found);
    await this.#send(found, variant);
  }

  /** The file itself, the index of a folder, or the fallback where a browser navigates; `folder` if only the slash is missing. */
  async #find(root: string, inside: string, path: string): Promise<FoundFile | 'folder' | undefined> {
    const { fallback } = this.#site;
    const file = await fileAt(root, inside);
    if (file !== undefined && file !== 'folder') return path.endsWith('/') && inside !== '' && !inside.endsWith('/') ? undefined : file;
    const index = file === 'folder' ? await fileAt(root, join(inside, 'index.html')) : undefined;
    if (index !== undefined && index !== 'folder') return path.endsWith('/') ? index : 'folder';
    if (fallback === undefined || !this.#navigates(path)) return undefined;
    const other = await fileAt(root, fallback);
    return other === 'folder' ? undefined : other;
  }

  #navigates(path: string): boolean {
    const mode = headerValue(this.#front.headers, 'sec-fetch-mode');
    if (mode !== undefined) return mode === 'navigate';
    return (
      this.#head.accept.includes('text/html') ||
      (extensionOf(path) === '' && (this.#head.accept === '' || this.#head.accept.includes('*/*')))
    );
  }

  async #variant(root: string, found: FoundFile): Promise<Variant> {
    const plain = { ...found, encoding: undefined };
    if (headerValue(this.#front.headers, 'range') !== undefined) return plain;
    for (const encoding of acceptedEncodings(headerValue(this.#front.headers, 'accept-encoding'))) {
      const packed = await fileAt(root, `${found.path.slice(root.length + 1)}.${encoding === 'br' ? 'br' : 'gz'}`);
      // A leftover of an older build is not the same content.
      if (packed !== undefined && packed !== 'folder' && packed.stats.mtimeMs >= found.stats.mtimeMs - 1_000)
        return { ...packed, encoding };
    }
    return plain;
  }

  async #send(found: FoundFile, variant: Variant): Promise<void> {
    const { headers: asked } = this.#front;
    const { size, mtimeMs } = variant.stats;
    const etag = `"${size.toString(36)}-${Math.floor(mtimeMs).toString(36)}${variant.encoding ?? ''}"`;
    const headers = ['Cache-Control', cacheControl(found.path), 'ETag', etag, 'Last-Modified', new Date(mtimeMs).toUTCString()];
    headers.push('Vary', 'Accept-Encoding', 'X-Content-Type-Options', 'nosniff');
    if (isFresh({ etag, modified: mtimeMs }, headerValue(asked, 'if-none-match'), headerValue(asked, 'if-modified-since'))) {
      return this.#whole(304, 'Not Modified', headers, undefined);
    }
    headers.push('Content-Type', contentType(found.path), 'Accept-Ranges', 'bytes');
    if (variant.encoding !== undefined) headers.push('Content-Encoding', variant.encoding);
    const range = this.#range(etag, mtimeMs, size);
    if (range === 'unsatisfiable') return this.#refuse(416, ['Content-Range', `bytes */${size}`]);
    const { start, end } = range ?? { start: 0, end: size - 1 };
    headers.push('Content-Length', String(end - start + 1));
    if (range !== undefined) headers.push('Content-Range', `bytes ${start}-${end}/${size}`);
    await this.#body(variant.path, range === undefined ? 200 : 206, headers, start, end);
  }

  #range(etag: string, modified: number, size: number): ReturnType<typeof byteRange> {
    const { headers } = this.#front;
    const condition = headerValue(headers, 'if-range');
    const same = condition === undefined || condition === etag || Math.floor(modified / 1_000) * 1_000 === Date.parse(condition);
    return same ? byteRange(headerValue(headers, 'range'), size) : undefined;
  }

  async #body(path: string, status: number, headers: string[], start: number, end: number): Promise<void> {
    const reason = status === 206 ? 'Partial Content' : 'OK';
    if (this.#front.method === 'HEAD') return this.#whole(status, reason, headers, undefined);
    const file = await open(path, 'r');
    try {
      if (end - start < chunkBytes) this.#whole(status, reason, headers, await read(file, start, end - start + 1));
      else await this.#stream(file, { status, reason, headers, start, end });
    } finally {
      await file.close();
    }
  }

  async #stream(file: FileHandle, what: { status: number; reason: string; headers: string[]; start: number; end: number }): Promise<void> {
    if (this.#done) return;
    this.#account.status = what.status;
    this.#setCookie(what.headers, what.status);
    this.#front.head(what.status, what.reason, what.headers);
    for (let at = what.start; at <= what.end && !this.#done; at += chunkBytes) {
      const chunk = await read(file, at, Math.min(chunkBytes, what.end - at + 1));
      this.#account.bytes += chunk.length;
      if (!this.#front.write(chunk) && !this.#done) await this.#drain();
    }
    if (this.#done) return;
    this.#front.end();
    this.#finish();
  }

  /** A client that takes nothing for the idle time loses its connection. */
  async #drain(): Promise<void> {
    const timer = setTimeout(() => this.#front.abort(), this.#around.limits.idleTimeoutMs);
    await new Promise<void>((resolve) => (this.#drained = resolve));
    clearTimeout(timer);
  }

  #toFolder(): void {
    const { target } = this.#front;
    const query = target.indexOf('?');
    const path = query === -1 ? target : target.slice(0, query);
    // A target that begins with two slashes would lead a browser to another host.
    const location = `/${path.replace(/^\/+/, '')}/${query === -1 ? '' : target.slice(query)}`;
    this.#whole(301, 'Moved Permanently', ['Location', location, 'Content-Length', '0'], undefined);
  }

  #missing(): void {
    if (this.#done || !this.#around.twoSets.mayAskOther(this.#front, this.#head, this.#place, this.#site)) return this.#refuse(404);
    const { set, service, counters } = this.#site;
    const { startedAt } = this.#account;
    const { reason, headers, body } = answerFor(404, this.#head.accept, this.#head.requestId);
    this.#setCookie(headers, 404);
    const first: FirstAnswer = { set, service, replica: '', counters, startedAt, reason, headers, body: Buffer.from(body) };
    this.#done = true;
    this.#account.leave();
    this.#around.dispatch(this.#front, this.#head, { ...this.#place, first });
  }

  #setCookie(headers: string[], status: number): void {
    const cookie = this.#around.twoSets.cookie(this.#front, this.#head, this.#place, this.#site.release, status);
    if (cookie !== undefined) headers.push('Set-Cookie', cookie);
  }

  #refuse(status: number, extra: readonly string[] = []): void {
    const { reason, headers, body } = answerFor(status, this.#head.accept, this.#head.requestId);
    const own = headers.filter((_, at) => !(extra.includes('Allow') && headers[at - (at % 2)] === 'Allow'));
    this.#whole(status, reason, [...own, ...extra], this.#front.method === 'HEAD' ? undefined : Buffer.from(body));
  }

  #broken(): void {
    if (this.#done) return;
    if (this.#account.status !== 499) {
      this.#account.status = 500;
      this.#account.cut();
      this.#front.abort();
      this.#finish();
    } else this.#refuse(500);
  }

  #whole(status: number, reason: string, headers: string[], body: Buffer | undefined): void {
    if (this.#done) return;
    const { first } = this.#place;
    if (first !== undefined && !isFound(status)) return this.#giveFirst(first);
    this.#setCookie(headers, status);
    this.#account.status = status;
    this.#account.bytes = body?.length ?? 0;
    this.#front.answer(status, reason, headers, body);
    this.#finish();
  }

  #giveFirst(first: FirstAnswer): void {
    this.#done = true;
    this.#account.bytes = giveFirst(this.#front, first);
    this.#account.closeAs(first);
  }

  #finish(): void {
    if (this.#done) return;
    this.#done = true;
    this.#account.close();
  }
}

/** Path below the site's folder, decoded; undefined for names that are never served. */
export function insidePath(prefix: string, path: string): string | undefined {
  const rest = prefix === '/' ? path.slice(1) : path.slice(prefix.length + 1);
  const decoded = decode(rest);
  if (decoded === undefined || decoded.includes('\0') || decoded.includes('\\')) return undefined;
  const hidden = decoded.split('/').some((name) => name.startsWith('.') && name !== '.well-known');
  return hidden ? undefined : decoded;
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/** A plain file below `root` after all links are followed; undefined if there is none. */
async function fileAt(root: string, inside: string): Promise<FoundFile | 'folder' | undefined> {
  try {
    const path = await realpath(join(root, inside));
    if (path !== root && !path.startsWith(root + sep)) return undefined;
    const stats = await stat(path);
    if (stats.isDirectory()) return 'folder';
    return stats.isFile() ? { path, stats } : undefined;
  } catch (error) {
    if (absent.has((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}

const absent = new Set(['ENOENT', 'ENOTDIR', 'ENAMETOOLONG', 'ELOOP', 'EACCES']);

async function read(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(length);
  const { bytesRead } = await file.read(buffer, 0, length, position);
  if (bytesRead !== length) throw new Error('the file became shorter while it was read');
  return buffer;
}
