/** What a person does to a replica on purpose, to see that it is replaced. Whatever stands still is continued or replaced in the end. */
import { GantryError } from '../../../errors.ts';
import type { Identity } from '../../../exec/identity.ts';
import type { Disturbance } from '../../platform.ts';
import { sleep, type Clock } from './clock.ts';
import type { EventHub } from './event-hub.ts';
import { signalGroup, signalReplica } from './processes.ts';
import type { Replica } from './replica.ts';

export interface DisturberParts {
  readonly clock: Clock;
  readonly hub: EventHub;
  replicas(): readonly Replica[];
}

/** A replica that is stopped and continued in turns. */
interface Turns {
  isEnded: boolean;
  done: Promise<void>;
}

const slowMs = 30_000;
/** Of each turn, so that it gets a tenth of its time. */
const stoppedMs = 90;
const runningMs = 10;

export class Disturber {
  readonly #parts: DisturberParts;
  readonly #slowed = new Map<Replica, Turns>();

  constructor(parts: DisturberParts) {
    this.#parts = parts;
  }

  /** Gives what to expect. @throws GantryError GC2008 */
  async disturb({ replica: id, how, who }: Disturbance): Promise<string> {
    const replica = this.#parts.replicas().find((one) => one.id === id);
    if (replica === undefined) throw refusal(`there is no replica ${id}`);
    const leader = replica.identity;
    if (replica.phase !== 'ready' || leader === undefined) throw refusal(`${id} is not ready`);
    if (how === 'freeze' && replica.settings.probe === 'none') throw refusal(`nothing checks whether ${id} still works`);
    if (how === 'slow' && this.#slowed.has(replica)) throw refusal(`${id} is slow already`);
    this.#parts.hub.say('supervisor', id, `${done[how]} on purpose by ${who}`, 'warn');
    if (how === 'slow') this.#slow(replica, leader);
    else await this.#strike(replica, leader, how === 'kill' ? 'SIGKILL' : 'SIGSTOP');
    return [expected[how](id), ...this.#consequences(replica)].join(' ');
  }

  /** Continues everything that is being slowed down. */
  async end(): Promise<void> {
    const all = [...this.#slowed.values()];
    for (const slowed of all) slowed.isEnded = true;
    await Promise.all(all.map(async (slowed) => slowed.done));
  }

  async #strike(replica: Replica, leader: Identity, signal: 'SIGKILL' | 'SIGSTOP'): Promise<void> {
    const slowed = this.#slowed.get(replica);
    if (slowed !== undefined) {
      slowed.isEnded = true;
      await slowed.done;
    }
    await signalReplica(leader, replica.mark, signal);
  }

  #slow(replica: Replica, leader: Identity): void {
    const turns: Turns = { isEnded: false, done: Promise.resolve() };
    this.#slowed.set(replica, turns);
    turns.done = this.#inTurns(replica, leader, turns);
  }

  /** A signal that was sent to a process which stands still arrives when it goes on: nothing is lost. */
  async #inTurns(replica: Replica, leader: Identity, turns: Turns): Promise<void> {
    const { clock, hub } = this.#parts;
    const until = clock.now() + slowMs;
    replica.isSlowed = true;
    try {
      while (!turns.isEnded && clock.now() < until && isStill(replica, leader)) {
        await signalGroup(leader, 'SIGSTOP');
        await sleep(clock, stoppedMs);
        await signalGroup(leader, 'SIGCONT');
        await sleep(clock, runningMs);
      }
    } finally {
      await signalGroup(leader, 'SIGCONT');
      replica.isSlowed = false;
      this.#slowed.delete(replica);
    }
    if (isStill(replica, leader)) hub.say('supervisor', replica.id, 'gets all of its time again');
  }

  #consequences({ service, id, release }: Replica): string[] {
    const others = this.#parts.replicas().filter((one) => one.id !== id && one.service.name === service.name && one.release === release);
    if (others.some(({ phase }) => phase === 'ready')) return ['The others take its requests meanwhile.'];
    return [`It is the only one of ${service.name}: users notice.`];
  }
}

const done: Readonly<Record<Disturbance['how'], string>> = { kill: 'killed', freeze: 'frozen', slow: 'slowed down' };

const expected: Readonly<Record<Disturbance['how'], (id: string) => string>> = {
  kill: (id) => `${id} was killed. Another process takes its place in a moment.`,
  freeze: (id) => `${id} stands still. Its health check fails, then it is killed and replaced.`,
  slow: (id) => `${id} gets a tenth of its time for ${slowMs / 1000} s, then all of it again.`,
};

/** The same process, and nobody has asked it to end. */
function isStill({ identity, phase }: Replica, leader: Identity): boolean {
  return identity === leader && (phase === 'ready' || phase === 'unready');
}

function refusal(message: string): GantryError {
  return new GantryError('GC2008', message);
}
