/** Everything that happens, for whoever listens and for the log. */
import { writeSync } from 'node:fs';
import type { SupervisorEvent } from '../protocol.ts';
import type { Clock } from './clock.ts';

export interface EventHub {
  say(kind: SupervisorEvent['kind'], subject: string, message: string, level?: SupervisorEvent['level']): void;
  /** Gives up to `recent` past events first. Returns how to end it. */
  listen(recent: number, listener: (event: SupervisorEvent) => void): () => void;
}

const remembered = 500;
const stdout = 1;

export function eventHub(clock: Clock, write: (line: string) => void = writeLine): EventHub {
  const past: SupervisorEvent[] = [];
  const listeners = new Set<(event: SupervisorEvent) => void>();
  return {
    say(kind, subject, message, level = 'info') {
      const event: SupervisorEvent = { at: clock.date().toISOString(), kind, subject, message, level };
      past.push(event);
      if (past.length > remembered) past.shift();
      write(`${event.at} ${level.padEnd(5)} ${kind} ${subject}: ${message}\n`);
      for (const listener of listeners) listener(event);
    },
    listen(recent, listener) {
      for (const event of recent > 0 ? past.slice(-recent) : []) listener(event);
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** A full disk under the log must not stop the supervisor. */
function writeLine(line: string): void {
  try {
    writeSync(stdout, line);
  } catch {
    // The event is still given to everybody who listens.
  }
}
