/** The access log: one JSON line a request, gathered in memory for at most 100 ms, rotated by size without copying. */
import { close, open, openSync, rename, write } from 'node:fs';
import { promisify } from 'node:util';

/** What is known of a request when it has been served. */
export interface Served {
  readonly method: string;
  readonly target: string;
  /** 499: the client left before the answer. */
  readonly status: number;
  /** Of the body, as sent. */
  readonly bytes: number;
  readonly service: string;
  readonly set: string;
  readonly replica: string;
  readonly requestId: string;
  readonly remoteAddress: string;
  readonly retries: number;
}

export interface AccessLogSettings {
  readonly file: string;
  /** A file that has grown beyond this is put aside. */
  readonly maxBytes: number;
  /** How many files are kept beside the current one. */
  readonly keep: number;
}

export const accessLogDefaults = { maxBytes: 10 * 1024 * 1024, keep: 3 } as const;

const flushMs = 100;
const flushBytes = 64 * 1024;
/** Lines beyond this are dropped while the disk is slow or full. */
const maxBuffered = 2 * 1024 * 1024;
const maxTarget = 2_048;

const writeAsync = promisify(write);
const openAsync = promisify(open);
const closeAsync = promisify(close);
const renameAsync = promisify(rename);

export class AccessLog {
  readonly #settings: AccessLogSettings;
  #fd: number;
  #size: number;
  #text = '';
  #lines = 0;
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> | undefined;
  #atLineStart = true;
  #dropped = 0;

  /** Opens the file for appending; throws what the system says. */
  constructor(settings: AccessLogSettings) {
    this.#settings = settings;
    this.#fd = openSync(settings.file, 'a', 0o600);
    this.#size = 0;
  }

  /** Lines that were lost because the disk was full or too slow. */
  get dropped(): number {
    return this.#dropped;
  }

  add(line: string): void {
    if (this.#text.length > maxBuffered) {
      this.#dropped += 1;
      return;
    }
    this.#text += line;
    this.#lines += 1;
    if (this.#text.length > flushBytes) this.#write();
    else this.#timer ??= setTimeout(() => this.#write(), flushMs);
  }

  /** Resolves when everything that was added is written. */
  async flush(): Promise<void> {
    while (this.#text !== '' || this.#writing !== undefined) {
      this.#write();
      await this.#writing;
    }
  }

  async close(): Promise<void> {
    await this.flush();
    clearTimeout(this.#timer);
    await closeAsync(this.#fd);
  }

  #write(): void {
    if (this.#writing !== undefined || this.#text === '') return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const text = this.#atLineStart ? this.#text : `\n${this.#text}`;
    const lines = this.#lines;
    this.#text = '';
    this.#lines = 0;
    this.#writing = this.#append(Buffer.from(text), lines).finally(() => {
      this.#writing = undefined;
      if (this.#text !== '') this.#timer ??= setTimeout(() => this.#write(), flushMs);
    });
  }

  async #append(bytes: Buffer, lines: number): Promise<void> {
    let at = 0;
    try {
      while (at < bytes.length) at += (await writeAsync(this.#fd, bytes, at)).bytesWritten;
      this.#atLineStart = true;
    } catch {
      // A full disk must not stop requests; the counter tells.
      this.#dropped += at === 0 ? lines : countLines(bytes, at);
      this.#atLineStart = this.#atLineStart && at === 0;
    }
    this.#size += at;
    if (this.#size > this.#settings.maxBytes) await this.#rotate().catch(ignore);
  }

  async #rotate(): Promise<void> {
    const { file, keep } = this.#settings;
    for (let at = keep; at > 0; at--) await renameAsync(at === 1 ? file : `${file}.${at - 1}`, `${file}.${at}`).catch(ignore);
    const next = await openAsync(file, 'a', 0o600);
    await closeAsync(this.#fd);
    this.#fd = next;
    this.#size = 0;
    this.#atLineStart = true;
  }
}

/** @param ms from the first byte of the request to the last of the answer */
export function accessLine(served: Served, at: string, ms: number): string {
  const target = served.target.length > maxTarget ? served.target.slice(0, maxTarget) : served.target;
  return (
    `{"at":"${at}","method":"${served.method}","path":${quoted(target)},"status":${served.status},"bytes":${served.bytes},"ms":${Math.round(ms * 100) / 100},` +
    `"set":"${served.set}","service":"${served.service}","replica":"${served.replica}","id":"${served.requestId}","remote":"${served.remoteAddress}","retries":${served.retries}}\n`
  );
}

/** ISO 8601 time of now; most of the text is made once a second. */
export class LogClock {
  #second = -1;
  #prefix = '';

  text(now: number): string {
    const ms = now % 1_000;
    const second = now - ms;
    if (second !== this.#second) {
      this.#second = second;
      this.#prefix = new Date(second).toISOString().slice(0, 20);
    }
    return `${this.#prefix}${ms < 10 ? '00' : ms < 100 ? '0' : ''}${ms}Z`;
  }
}

const needsQuoting = /["\\\u0000-\u001f]/;

function quoted(text: string): string {
  return needsQuoting.test(text) ? JSON.stringify(text) : `"${text}"`;
}

function countLines(bytes: Buffer, from: number): number {
  let lines = 0;
  for (let at = bytes.indexOf(10, from); at !== -1; at = bytes.indexOf(10, at + 1)) lines += 1;
  return lines;
}

function ignore(): void {
  // The current file goes on being used; the next write tries again.
}
