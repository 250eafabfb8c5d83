/** A request body on its way to a replica. */
import { Readable } from 'node:stream';

export interface BodyControl {
  pauseBody(): void;
  resumeBody(): void;
}

/** Passes on what the client sends, no faster than the replica takes it. */
export class BodySource extends Readable {
  readonly #control: BodyControl;

  constructor(control: BodyControl) {
    super({ highWaterMark: 64 * 1024 });
    this.#control = control;
  }

  add(chunk: Buffer): void {
    if (!this.push(chunk)) this.#control.pauseBody();
  }

  finish(): void {
    this.push(null);
  }

  override _read(): void {
    this.#control.resumeBody();
  }
}
