/** Where everything that changes meets everybody who watches. */
import type { ServerEvent, Topic } from './api/index.ts';

/** `local/status` */
export type Interest = `${string}/${Topic}`;

/** Where the events of one stream go. */
export interface Sink {
  /** @returns false when it is full: then `drained` resolves before anything else is written; state that changes meanwhile is told as it is then */
  write(id: string, event: ServerEvent): boolean;
  drained(): Promise<void>;
}

export interface Stream {
  close(): void;
}

export interface Hub {
  /** State replaces what was published under the same type and environment before; `logs` and `operation` are kept in a ring. */
  publish(event: ServerEvent): void;
  /** Tells what is known, or what came after `after`, and then everything as it comes. */
  open(interests: ReadonlySet<Interest>, after: string | undefined, sink: Sink): Stream;
  /** Whether anybody watches that now. */
  isWanted(interest: Interest): boolean;
  /** Called whenever the first one begins to watch something, or the last one ends. */
  onInterest(listener: () => void): () => void;
  close(): void;
}
