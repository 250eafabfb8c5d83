/** Shares one connection among all tabs: joins what they want to see, and hands on what they asked for. */
import type { ServerEvent } from '../../../src/server/api/index.ts';
import { Connection, type ConnectionState } from './connection.ts';
import { keyOf, type Interest } from './interest.ts';

export type ToBroker =
  /** `lock` is held by the tab as long as it lives. */
  | { readonly kind: 'join'; readonly lock: string | null; readonly token: string | null }
  | { readonly kind: 'token'; readonly token: string | null }
  | { readonly kind: 'interests'; readonly interests: readonly Interest[] }
  | { readonly kind: 'visible'; readonly visible: boolean }
  | { readonly kind: 'leave' };

export type FromBroker =
  | { readonly kind: 'state'; readonly state: ConnectionState }
  | { readonly kind: 'event'; readonly event: ServerEvent }
  | { readonly kind: 'refused'; readonly token: string }
  /** From now on every event of these arrives. */
  | { readonly kind: 'open'; readonly interests: readonly Interest[] }
  /** Another server than before: nothing that it told holds any more. */
  | { readonly kind: 'reset' };

interface Peer {
  readonly port: MessagePort;
  interests: ReadonlySet<Interest>;
  visible: boolean;
  /** State that changed while nobody looked, newest only. */
  readonly held: Map<string, ServerEvent>;
}

/** What a page needs no more is still listened to for a while, as people go back. */
const lingerMs = 10_000;

export class Broker {
  readonly #peers = new Set<Peer>();
  readonly #connection: Connection;
  /** State as it was told last, by what it is about. */
  readonly #known = new Map<string, ServerEvent>();
  #wanted: ReadonlySet<Interest> = new Set();
  #open: ReadonlySet<string> = new Set();
  #server = '';
  /** The server has refused an interest: only those of environments that it names are asked for. */
  #isCareful = false;
  #linger: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    this.#connection = new Connection({
      onEvent: (event) => this.#onEvent(event),
      onState: (state) => this.#toAll({ kind: 'state', state }),
      onRefused: (token) => this.#toAll({ kind: 'refused', token }),
      onRejected: () => this.#onRejected(),
      onOpen: (interests) => this.#onOpen(interests),
    });
  }

  add(port: MessagePort): void {
    const peer: Peer = { port, interests: new Set(), visible: true, held: new Map() };
    this.#peers.add(peer);
    port.addEventListener('message', ({ data }: MessageEvent<ToBroker>) => this.#onMessage(peer, data));
    port.start();
  }

  #onMessage(peer: Peer, message: ToBroker): void {
    if (message.kind === 'join') this.#join(peer, message.lock, message.token);
    else if (message.kind === 'token') this.#connection.setToken(message.token);
    else if (message.kind === 'interests') this.#want(peer, new Set(message.interests));
    else if (message.kind === 'visible') this.#show(peer, message.visible);
    else this.#remove(peer);
  }

  #join(peer: Peer, lock: string | null, token: string | null): void {
    if (token !== null) this.#connection.setToken(token);
    send(peer, { kind: 'state', state: this.#connection.state });
    for (const key of ['hello', 'environments']) this.#tellKnown(peer, key);
    // The lock is free once the tab is gone, however it went.
    if (lock !== null) void navigator.locks.request(lock, () => this.#remove(peer));
  }

  #want(peer: Peer, interests: ReadonlySet<Interest>): void {
    const added = [...interests].filter((interest) => !peer.interests.has(interest));
    peer.interests = interests;
    for (const interest of added) this.#tellKnown(peer, interest);
    const open = added.filter((interest) => this.#open.has(interest));
    if (open.length > 0) send(peer, { kind: 'open', interests: open });
    this.#settle();
  }

  /** More is asked for at once, less only when nobody came back to it. */
  #settle(): void {
    const all = new Set([...this.#peers].flatMap((peer) => [...peer.interests]));
    clearTimeout(this.#linger);
    if ([...all].some((interest) => !this.#wanted.has(interest))) this.#use(new Set([...this.#wanted, ...all]));
    if (all.size < this.#wanted.size) this.#linger = setTimeout(() => this.#use(all), lingerMs);
  }

  #use(wanted: ReadonlySet<Interest>): void {
    this.#wanted = wanted;
    for (const key of this.#known.keys()) {
      if (key.includes('/') && !wanted.has(key as Interest)) this.#known.delete(key);
    }
    this.#connection.setInterests(this.#isCareful ? new Set([...wanted].filter((interest) => this.#isKnown(interest))) : wanted);
  }

  #onRejected(): void {
    this.#isCareful = true;
    this.#use(this.#wanted);
  }

  #isKnown(interest: Interest): boolean {
    const event = this.#known.get('environments');
    const environments = event?.type === 'environments' ? event.environments : [];
    return environments.some(({ name }) => interest.startsWith(`${name}/`));
  }

  #show(peer: Peer, visible: boolean): void {
    peer.visible = visible;
    if (!visible) return;
    for (const event of peer.held.values()) send(peer, { kind: 'event', event });
    peer.held.clear();
    this.#connection.hurry();
  }

  #remove(peer: Peer): void {
    this.#peers.delete(peer);
    peer.port.close();
    this.#settle();
  }

  #onOpen(interests: ReadonlySet<string>): void {
    this.#open = interests;
    for (const peer of this.#peers) {
      const open = [...peer.interests].filter((interest) => interests.has(interest));
      if (open.length > 0) send(peer, { kind: 'open', interests: open });
    }
  }

  #onEvent(event: ServerEvent): void {
    if (event.type === 'hello' && event.server !== this.#server) this.#greet(event.server);
    const key = keyOf(event);
    if (isState(event)) this.#known.set(key, event);
    if (event.type === 'environments' && this.#isCareful) this.#use(this.#wanted);
    for (const peer of this.#peers) {
      if (key.includes('/') && !peer.interests.has(key as Interest)) continue;
      if (!peer.visible && isState(event)) peer.held.set(key, event);
      else send(peer, { kind: 'event', event });
    }
  }

  #greet(server: string): void {
    const isFirst = this.#server === '';
    this.#server = server;
    this.#known.clear();
    for (const peer of this.#peers) peer.held.clear();
    if (!isFirst) this.#toAll({ kind: 'reset' });
  }

  #tellKnown(peer: Peer, key: string): void {
    const event = this.#known.get(key);
    if (event !== undefined) send(peer, { kind: 'event', event });
  }

  #toAll(message: FromBroker): void {
    for (const peer of this.#peers) send(peer, message);
  }
}

/** Of state only the newest matters; the rest is told one by one. */
function isState(event: ServerEvent): boolean {
  return event.type !== 'logs' && event.type !== 'operation' && event.type !== 'lost';
}

function send(peer: Peer, message: FromBroker): void {
  peer.port.postMessage(message);
}
