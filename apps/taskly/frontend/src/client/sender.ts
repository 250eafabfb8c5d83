import { backoff } from '../model/backoff.ts';
import { nextRelease, nextToSend, type Answer, type Entry } from '../model/outbox.ts';
import { sendEntry } from './api.ts';
import { Refusal } from './http.ts';

export interface SenderHost {
  readonly account: string;
  entries(): readonly Entry[];
  /** Takes in what other tabs stored meanwhile. */
  reload(): void;
  settled(entry: Entry, answer: Answer): void;
  /** `failing` while nothing gets through; false with the next success. */
  failing(failing: boolean): void;
  signedOut(): void;
}

/** A server that fails this often on one change has a defect there; the others shall not wait for it. */
const defectLimit = 5;

/** Sends the outbox in order, one entry at a time, from one tab at a time. */
export class Sender {
  private readonly host: SenderHost;
  private running = false;
  private again = false;
  private stopped = false;
  private attempt = 0;
  private defects = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(host: SenderHost) {
    this.host = host;
    addEventListener('online', this.hurry);
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
    removeEventListener('online', this.hurry);
  }

  /** There may be something to send. While the network is away this changes nothing: the timer of the last failure decides. */
  readonly kick = (): void => {
    if (this.attempt === 0) void this.drain();
  };

  /** The network is back: do not wait for the timer. */
  readonly hurry = (): void => {
    this.attempt = 0;
    void this.drain();
  };

  private async drain(): Promise<void> {
    this.again = true;
    if (this.running) return;
    this.running = true;
    while (this.again && !this.stopped) {
      this.again = false;
      await exclusively(`taskly.outbox.${this.host.account}`, () => this.sendAll());
    }
    this.running = false;
  }

  private async sendAll(): Promise<void> {
    clearTimeout(this.timer);
    this.host.reload();
    for (let entry = this.next(); entry !== undefined; entry = this.next()) {
      if (!(await this.sendOne(entry))) return;
    }
    const release = nextRelease(this.host.entries());
    if (release !== undefined && !this.stopped) this.timer = setTimeout(this.kick, Math.max(0, release - Date.now()) + 20);
  }

  private next(): Entry | undefined {
    return this.stopped ? undefined : nextToSend(this.host.entries(), Date.now());
  }

  /** Whether the next entry may follow. */
  private async sendOne(entry: Entry): Promise<boolean> {
    try {
      const task = await sendEntry(entry);
      this.succeed(entry, { kind: 'done', task });
      return true;
    } catch (error) {
      const answer = error instanceof Refusal ? this.judge(entry, error) : undefined;
      if (answer === undefined) return this.postpone(error);
      this.succeed(entry, answer);
      return true;
    }
  }

  private succeed(entry: Entry, answer: Answer): void {
    this.attempt = 0;
    this.defects = 0;
    this.host.failing(false);
    if (!this.stopped) this.host.settled(entry, answer);
  }

  /** What a refusal means for the entry; undefined when the same request may succeed later. */
  private judge(entry: Entry, refusal: Refusal): Answer | undefined {
    if (refusal.code === 'version_conflict' && refusal.task !== undefined) return { kind: 'conflict', theirs: refusal.task };
    if (refusal.code === 'not_found' && entry.change.kind !== 'create') return { kind: 'gone' };
    if (refusal.status === 401 || refusal.status === 404 || refusal.status === 429 || refusal.status === 503) return undefined;
    if (refusal.status >= 500 && ++this.defects < defectLimit) return undefined;
    return { kind: 'refused', message: Object.values(refusal.fields)[0] ?? refusal.message, fields: refusal.fields };
  }

  private postpone(error: unknown): false {
    if (this.stopped) return false;
    if (error instanceof Refusal && error.status === 401) {
      this.host.signedOut();
      return false;
    }
    this.host.failing(true);
    const wait = error instanceof Refusal ? (error.retryAfter ?? 0) : 0;
    this.timer = setTimeout(() => void this.drain(), Math.max(wait, backoff(this.attempt++, Math.random())));
    return false;
  }
}

/** Web Locks exist on https and localhost only. Without them two tabs may send one entry twice, which keys and versions make harmless. */
async function exclusively(name: string, work: () => Promise<void>): Promise<void> {
  if ('locks' in navigator) await navigator.locks.request(name, work);
  else await work();
}
