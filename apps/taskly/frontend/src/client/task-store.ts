import { addPage, dropTask, emptyBoard, putTask, renewed, type Page } from '../model/board.ts';
import { absorbed, settlementOf, type Settlement } from '../model/settlement.ts';
import {
  discard,
  entryId,
  isEchoOf,
  isLocal,
  localId,
  resolve,
  retry,
  settle,
  waitingCount,
  type Answer,
  type Change,
  type Entry,
} from '../model/outbox.ts';
import { fieldsOf, type Fields, type Task } from '../model/task.ts';
import { viewKey, type View } from '../model/view.ts';
import { listTasks, pageSize, sendEntry } from './api.ts';
import { Refusal } from './http.ts';
import { outboxStorage, type OutboxStorage } from './outbox-storage.ts';
import { randomHex } from './random.ts';
import { Sender } from './sender.ts';
import type { Read, Snapshot, StoreEvents } from './snapshot.ts';
import { EventConnection, type TaskEvent } from './stream.ts';

const lingerTime = 2500;
/** How long a deletion can be taken back. */
export const undoTime = 8000;

interface Running {
  sender: Sender;
  connection: EventConnection;
  channel: BroadcastChannel;
  unwatch: () => void;
}

/** The tasks of one signed-in person: what the server holds, what still has to reach it, and the live connection. */
export class TaskStore {
  readonly account: string;
  private readonly events: StoreEvents;
  private readonly storage: OutboxStorage;
  private running: Running | null = null;
  private readonly listeners = new Set<() => void>();
  private readonly aliases = new Map<string, string>();
  private snapshot: Snapshot;
  private view: View;
  /** Tasks heard of while the view is being read again; null when it is not. */
  private heard: Map<string, Task> | null = null;
  private echoes: Task[] = [];

  constructor(account: string, view: View, events: StoreEvents) {
    this.account = account;
    this.events = events;
    this.view = view;
    this.storage = outboxStorage(account);
    const none = { reads: new Map(), lingering: new Set<string>() };
    this.snapshot = {
      board: emptyBoard,
      entries: this.storage.load(),
      ...none,
      waiting: 0,
      link: 'connecting',
      failing: false,
      durable: true,
    };
  }

  /** Goes live: connects, sends what waits, listens to the other tabs. */
  start(): void {
    const channel = new BroadcastChannel(`taskly.settled.${this.account}`);
    channel.addEventListener('message', ({ data }: MessageEvent<Settlement>) => this.absorb(data));
    this.running = {
      channel,
      sender: this.createSender(),
      connection: this.connect(),
      unwatch: this.storage.watch(() => this.reloadOutbox()),
    };
    addEventListener('pagehide', this.release);
    this.running.sender.kick();
  }

  stop(): void {
    this.running?.sender.stop();
    this.running?.connection.close();
    this.running?.channel.close();
    this.running?.unwatch();
    this.running = null;
    removeEventListener('pagehide', this.release);
  }

  private createSender(): Sender {
    return new Sender({
      account: this.account,
      entries: () => this.snapshot.entries,
      reload: () => this.reloadOutbox(),
      settled: (entry, answer) => this.settled(entry, answer),
      failing: (failing) => this.update({ failing }),
      signedOut: () => this.events.onSignedOut(),
    });
  }

  private connect(): EventConnection {
    return new EventConnection({
      onReady: (resumed) => this.ready(resumed),
      onTask: (event) => this.receive(event),
      onReload: () => void this.refresh(),
      onSignedOut: () => this.events.onSignedOut(),
      onLink: (link) => this.update({ link }),
    });
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly getSnapshot = (): Snapshot => this.snapshot;

  /** A key for a row that stays the same when the server gives the task its real id. */
  keyOf(id: string): string {
    return this.aliases.get(id) ?? id;
  }

  // Reading

  /** Makes a view the one that is kept current, and reads it if it was not read yet. */
  open(view: View): void {
    this.view = view;
    if (!this.snapshot.board.reaches.has(viewKey(view))) void this.readPage(view, null);
  }

  more(view: View): void {
    const next = this.snapshot.board.reaches.get(viewKey(view))?.next;
    if (typeof next === 'string') void this.readPage(view, next);
  }

  private async readPage(view: View, cursor: string | null): Promise<void> {
    const key = viewKey(view);
    if (this.snapshot.reads.get(key)?.state === 'loading') return;
    this.setRead(key, { state: 'loading' });
    try {
      const page = await listTasks(view, cursor, pageSize);
      if (this.snapshot.reads.has(key)) this.update({ board: addPage(this.snapshot.board, view, page) });
      this.setRead(key, undefined);
    } catch (error) {
      this.setRead(key, this.failedRead(error));
      if (error instanceof Refusal && error.status === 400 && cursor !== null) void this.refresh();
    }
  }

  private failedRead(error: unknown): Read {
    if (error instanceof Refusal && error.status === 401) this.events.onSignedOut();
    return { state: 'failed', message: error instanceof Refusal ? error.message : 'Taskly cannot be reached at the moment.' };
  }

  private setRead(key: string, read: Read | undefined): void {
    const reads = new Map(this.snapshot.reads);
    if (read === undefined) reads.delete(key);
    else reads.set(key, read);
    this.update({ reads });
  }

  /** Reads the current view again, as far as it was read, while the old one stays on the screen. */
  async refresh(): Promise<void> {
    const { view } = this;
    const heard = new Map<string, Task>();
    this.heard = heard;
    try {
      const page = await this.readAgain(view);
      if (this.heard !== heard || this.running === null) return;
      this.update({ board: renewed(this.snapshot.board, view, page, heard.values()), reads: new Map() });
    } catch (error) {
      if (this.heard === heard && !this.snapshot.board.reaches.has(viewKey(view))) this.setRead(viewKey(view), this.failedRead(error));
    }
    if (this.heard === heard) this.heard = null;
    if (this.view !== view) this.open(this.view);
  }

  private async readAgain(view: View): Promise<Page> {
    const reach = this.snapshot.board.reaches.get(viewKey(view));
    const wanted = reach === undefined ? 0 : this.snapshot.board.tasks.size;
    let page = await listTasks(view, null, pageSize);
    while (page.next !== null && page.items.length < wanted) {
      const { items, next } = await listTasks(view, page.next, 100);
      page = { items: [...page.items, ...items], next };
    }
    return page;
  }

  private ready(resumed: boolean): void {
    this.running?.sender.hurry();
    if (!resumed) void this.refresh();
  }

  private receive(event: TaskEvent): void {
    if (event.op === 'delete') return this.update({ board: dropTask(this.snapshot.board, event.id) });
    const { task } = event;
    if (!this.snapshot.board.tasks.has(task.id) && isEchoOf(this.snapshot.entries, task)) this.echoes.push(task);
    else this.put(task);
  }

  private put(task: Task): void {
    this.heard?.set(task.id, task);
    this.update({ board: putTask(this.snapshot.board, task) });
  }

  // Changing

  add(fields: Pick<Fields, 'title' | 'notes' | 'due'>): void {
    const id = entryId(Date.now(), randomHex());
    this.append({ id, task: localId(id), version: 0, title: fields.title, change: { kind: 'create', fields } });
  }

  /** `base` is the task as the person saw it when the edit began. */
  edit(base: Task, fields: Partial<Fields>): void {
    const refused = this.snapshot.entries.find(
      ({ task, trouble, change }) => task === base.id && trouble !== undefined && change.kind === 'create',
    );
    if (refused?.change.kind === 'create') return this.correct(refused, { ...refused.change.fields, ...fields });
    this.push(base, { kind: 'edit', fields, base: fieldsOf(base) });
  }

  setDone(task: Task, done: boolean): void {
    this.linger(task.id);
    this.edit(task, { done });
  }

  move(task: Task, place: { after: string | null; before: string | null }): void {
    this.push(task, { kind: 'move', ...place });
  }

  /** Deletes in a moment; the id that `undo` and `hold` take. */
  remove(task: Task): string {
    return this.push(task, { kind: 'delete', base: fieldsOf(task) }, Date.now() + undoTime);
  }

  undo(entry: string): void {
    this.setEntries(this.snapshot.entries.filter(({ id }) => id !== entry));
  }

  /** Gives a deletion that can still be taken back `ms` more from now on. */
  hold(entry: string, ms: number): void {
    this.setEntries(this.snapshot.entries.map((held) => (held.id === entry ? { ...held, holdUntil: Date.now() + ms } : held)));
    this.running?.sender.kick();
  }

  resolve(entry: Entry, keep: 'mine' | 'theirs'): void {
    this.setEntries(resolve(this.snapshot.entries, entry, keep));
    this.running?.sender.kick();
  }

  retry(entry: Entry): void {
    this.setEntries(retry(this.snapshot.entries, entry));
    this.running?.sender.kick();
  }

  discard(entry: Entry): void {
    this.setEntries(discard(this.snapshot.entries, entry));
  }

  /** Ends all times of grace and tries to get everything out within `ms`; how many changes remain. */
  async flush(ms: number): Promise<number> {
    this.setEntries(this.snapshot.entries.map(({ holdUntil: _, ...entry }) => entry));
    this.running?.sender.hurry();
    const end = Date.now() + ms;
    while (this.snapshot.entries.length > 0 && Date.now() < end && !this.snapshot.failing)
      await new Promise((done) => setTimeout(done, 50));
    return this.snapshot.entries.length;
  }

  /** Forgets what has not been sent. */
  forget(): void {
    this.setEntries([]);
    this.storage.clear();
  }

  private push(task: Task, change: Change, holdUntil?: number): string {
    const id = entryId(Date.now(), randomHex());
    const held = holdUntil === undefined ? {} : { holdUntil };
    this.append({ id, task: task.id, version: task.version, title: task.title, change, ...held });
    return id;
  }

  private append(entry: Entry): void {
    this.setEntries([...this.snapshot.entries, entry]);
    this.running?.sender.kick();
  }

  /** A refused create goes out again with other fields, hence under another key. */
  private correct(refused: Entry, { title, notes, due }: Pick<Fields, 'title' | 'notes' | 'due'>): void {
    const { trouble: _, ...clean } = refused;
    const entry: Entry = {
      ...clean,
      id: entryId(Date.now(), randomHex()),
      title,
      change: { kind: 'create', fields: { title, notes, due } },
    };
    this.setEntries(this.snapshot.entries.map((held) => (held === refused ? entry : held)));
    this.running?.sender.kick();
  }

  private linger(id: string): void {
    this.update({ lingering: new Set(this.snapshot.lingering).add(id) });
    setTimeout(() => {
      const lingering = new Set(this.snapshot.lingering);
      lingering.delete(id);
      this.update({ lingering });
    }, lingerTime);
  }

  // Settling

  private settled(entry: Entry, answer: Answer): void {
    const settled = settle(this.snapshot.entries, entry, answer);
    const settlement = settlementOf(entry, settled);
    this.running?.channel.postMessage(settlement);
    this.absorb(settlement, settled.entries);
    if (settled.notice !== undefined) this.events.onNotice(settled.notice);
  }

  /** Board and outbox change in one step, so that nothing is shown twice or not at all in between. */
  private absorb(settlement: Settlement, entries = this.snapshot.entries): void {
    const { put, alias } = settlement;
    if (alias !== undefined) this.adopt(...alias);
    if (put !== undefined) this.heard?.set(put.id, put);
    const next = absorbed(this.snapshot.board, entries, settlement);
    this.setEntries(next.entries, next.board);
  }

  private adopt(real: string, local: string): void {
    this.aliases.set(real, local);
    const { lingering } = this.snapshot;
    if (lingering.has(local)) this.linger(real);
  }

  private reloadOutbox(): void {
    if (!this.snapshot.durable) return;
    this.update({ entries: this.storage.load() });
    this.releaseEchoes();
    this.running?.sender.kick();
  }

  private setEntries(entries: readonly Entry[], board = this.snapshot.board): void {
    const durable = this.storage.save(this.snapshot.entries, entries);
    this.update({ entries, board, durable: durable && this.snapshot.durable });
    this.releaseEchoes();
  }

  private releaseEchoes(): void {
    const ripe = this.echoes.filter((task) => !isEchoOf(this.snapshot.entries, task));
    this.echoes = this.echoes.filter((task) => !ripe.includes(task));
    for (const task of ripe) this.put(task);
  }

  /** The page goes away: deletions still held go out now, and stay in the outbox in case they do not arrive. */
  private readonly release = (): void => {
    for (const entry of this.snapshot.entries) {
      if (entry.holdUntil !== undefined && entry.trouble === undefined && !isLocal(entry.task))
        sendEntry(entry, true).catch(() => undefined);
    }
  };

  private update(change: Partial<Snapshot>): void {
    if (this.running === null) return;
    const next = { ...this.snapshot, ...change };
    this.snapshot = { ...next, waiting: waitingCount(next.entries, Date.now()) };
    for (const listener of this.listeners) listener();
  }
}
