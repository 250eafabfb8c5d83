/**
 * What the supervisor writes down beside each part of a log. Each line `START EPOCHMS END`: the bytes from START to END were written by
 * then, and not more than about a second before. The index of `.1` begins with `cut NUMBER FROM SIZE`: the log was cut for the NUMBERth
 * time when it was SIZE bytes long, and this part has what stood there from FROM on.
 */
import { open, readFile } from 'node:fs/promises';

export interface Span {
  readonly start: number;
  readonly end: number;
  /** Milliseconds since 1970. */
  readonly at: number;
}

export interface Cut {
  readonly number: number;
  readonly from: number;
  readonly size: number;
}

export interface LogIndex {
  readonly cut?: Cut;
  /** By rising offset, without overlaps. */
  readonly spans: readonly Span[];
}

const spanLine = /^(\d{1,15}) (\d{13,15})(?: (\d{1,15}))?$/;
const cutLine = /^cut (\d{1,15}) (\d{1,15}) (\d{1,15})$/;

/** Whatever is no line of an index is left out; of two that contradict each other the later one holds. */
export function parseIndex(text: string): LogIndex {
  const spans: Span[] = [];
  let cut: Cut | undefined;
  for (const line of text.slice(0, text.lastIndexOf('\n') + 1).split('\n')) {
    const found = spanLine.exec(line);
    if (found === null) cut ??= parseCut(line);
    else place(spans, { start: Number(found[1]), end: Number(found[3] ?? Number.POSITIVE_INFINITY), at: Number(found[2]) });
  }
  return { spans, ...(cut === undefined ? {} : { cut }) };
}

function place(spans: Span[], span: Span): void {
  if (span.end <= span.start) return;
  while ((spans.at(-1)?.start ?? -1) >= span.start) spans.pop();
  const last = spans.at(-1);
  if (last !== undefined && last.end > span.start) spans[spans.length - 1] = { ...last, end: span.start };
  spans.push(span);
}

function parseCut(line: string): Cut | undefined {
  const found = cutLine.exec(line);
  return found === null ? undefined : { number: Number(found[1]), from: Number(found[2]), size: Number(found[3]) };
}

export function spanText({ start, at, end }: Span): string {
  return `${start} ${at} ${end}\n`;
}

export function indexText({ cut, spans }: LogIndex): string {
  const head = cut === undefined ? '' : `cut ${cut.number} ${cut.from} ${cut.size}\n`;
  return head + spans.map(spanText).join('');
}

/** Of a part that has what stood from `from` to `size`. */
export function shifted(spans: readonly Span[], from: number, size: number): Span[] {
  return spans
    .map(({ start, end, at }) => ({ start: Math.max(0, start - from), end: Math.min(end, size) - from, at }))
    .filter(({ start, end }) => end > start);
}

/** Half as many for what is older, so that an index stays small however long its log is: there two of one second each become one of two. */
export function thinned(spans: readonly Span[]): Span[] {
  const older = Math.floor((spans.length * 3) / 4);
  const joined: Span[] = [];
  for (let index = 0; index < older; index += 2) {
    const [first, second] = [spans[index] as Span, spans[Math.min(index + 1, older - 1)] as Span];
    joined.push({ start: first.start, end: second.end, at: second.at });
  }
  return [...joined, ...spans.slice(older)];
}

/** Never throws: without an index nothing is known. */
export async function readIndex(file: string): Promise<LogIndex> {
  return parseIndex(await readFile(file, 'utf8').catch(() => ''));
}

const cutBytes = 64;

/** Only how the log was cut. Never throws. */
export async function readCut(file: string): Promise<Cut | undefined> {
  const handle = await open(file, 'r').catch(() => undefined);
  if (handle === undefined) return undefined;
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(cutBytes), 0, cutBytes, 0);
    return parseCut(buffer.toString('latin1', 0, bytesRead).split('\n')[0] ?? '');
  } finally {
    await handle.close();
  }
}
