import type { ServerResponse } from 'node:http';
import type { Change } from './changes.ts';

/** A reader that takes nothing is cut off here; it comes back and resumes. */
const MAX_BUFFERED = 1024 * 1024;
const RETRY_MS = 2000;

/** One open answer to GET /api/events. */
export class EventStream {
  readonly accountId: string;
  readonly sessionId: string;
  readonly #response: ServerResponse;
  /** Number of the last change that was sent or passed over. */
  seq: number;

  constructor(response: ServerResponse, owner: { accountId: string; sessionId: string }, seq: number) {
    this.#response = response;
    this.accountId = owner.accountId;
    this.sessionId = owner.sessionId;
    this.seq = seq;
  }

  ready(resumed: boolean): void {
    this.#write(`retry: ${RETRY_MS}\n\n${frame('ready', { resumed }, this.seq)}`);
  }

  /** Sends what is new of these changes; several of one task become the last one. */
  deliver(changes: readonly Change[]): void {
    const fresh = changes.filter((change) => change.seq > this.seq);
    const last = new Map(fresh.map((change) => [change.taskId, change.seq]));
    const frames = fresh.filter((change) => change.taskId === null || last.get(change.taskId) === change.seq).map(toFrame);
    this.seq = fresh.at(-1)?.seq ?? this.seq;
    this.#write(frames.join(''));
    if (fresh.some((change) => change.op === 'signed-out' && change.sessionId === this.sessionId)) this.signOut();
  }

  beat(): void {
    this.#write(': beat\n\n');
  }

  signOut(): void {
    this.#write('event: signed-out\ndata: {}\n\n');
    this.#response.end();
  }

  /** The replica stops; readers spread over a moment when they come back. */
  leave(): void {
    this.#write(`retry: ${200 + Math.floor(Math.random() * 1800)}\n\n`);
    this.#response.end();
  }

  #write(text: string): void {
    if (text === '' || this.#response.writableEnded || this.#response.destroyed) return;
    if (this.#response.writableLength > MAX_BUFFERED) this.#response.destroy();
    else this.#response.write(text);
  }
}

const frame = (event: string, data: unknown, seq: number): string => `id: ${seq}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`;

function toFrame(change: Change): string {
  if (change.op === 'reload') return frame('reload', {}, change.seq);
  if (change.op === 'delete') return frame('task', { op: 'delete', id: change.taskId }, change.seq);
  return change.op === 'put' && change.task ? frame('task', { op: 'put', task: change.task }, change.seq) : '';
}
