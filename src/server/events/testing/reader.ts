/** What the tests of the hub publish, and who reads it. */
import type { LogEntry, Operation, ServerEvent } from '../../api/index.ts';
import type { Interest, Sink } from '../../hub.ts';

/** Takes what it is told until it is full. */
export class Reader implements Sink {
  readonly told: { id: string; event: ServerEvent }[] = [];
  room: number;
  #drained: () => void = () => undefined;

  constructor(room = Infinity) {
    this.room = room;
  }

  get types(): string[] {
    return this.told.map(({ event }) => event.type);
  }

  get lastId(): string {
    return this.told.at(-1)?.id ?? '';
  }

  write(id: string, event: ServerEvent): boolean {
    this.told.push({ id, event });
    this.room -= 1;
    return this.room > 0;
  }

  async drained(): Promise<void> {
    return new Promise((resolve) => (this.#drained = resolve));
  }

  async takeMore(room: number): Promise<void> {
    this.room = room;
    this.#drained();
    await settled();
  }
}

async function settled(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

export function line(id: number, text = `line ${id}`): LogEntry {
  return { id, source: 'backend-1', service: 'backend', replica: 'backend-1', stream: 'stdout', text };
}

export function logs(environment: string, from: number, count: number): ServerEvent {
  return { type: 'logs', environment, lines: Array.from({ length: count }, (_, index) => line(from + index)), skipped: 0 };
}

export function progress(environment: string, key: string): ServerEvent {
  return { type: 'progress', environment, progress: { key, operation: 'deploy', walk: [], gate: null, meter: null } };
}

export function operation(id: string): ServerEvent {
  const running: Operation = { id, environment: 'local', operation: 'deploy', state: 'running', questions: [], error: null, result: null };
  return { type: 'operation', operation: running };
}

export function interests(...all: Interest[]): ReadonlySet<Interest> {
  return new Set(all);
}
