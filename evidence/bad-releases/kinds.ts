/** The kinds of bad release: what is wrong, and how far such a release may get. */
import type { ErrorCode } from '../../src/errors.ts';
import { afterUsers } from './kinds-users.ts';
import { beforeUsers } from './kinds-start.ts';
import { accepted } from './kinds-accepted.ts';
import { unsure } from './kinds-unsure.ts';
import type { Content } from './folder.ts';

/**
 * refused: before anything of it runs. unseen: taken back before any user reaches it. canary, bake: taken back while users are on it; what
 * shows only after a while may get as far as the bake. accepted: a release tool need not mind. unsure: bad all the same, but
 * found with luck only, or not at all; told, and counted nowhere.
 */
export type Reach = 'refused' | 'unseen' | 'canary' | 'bake' | 'accepted' | 'unsure';

export interface Kind extends Omit<Content, 'edition' | 'files'> {
  readonly name: string;
  readonly what: string;
  readonly reach: Reach;
  /** Any of these. */
  readonly codes: readonly ErrorCode[];
  /** In the message or in the evidence of the failure. */
  readonly says?: RegExp;
  readonly files?: Content['files'] | ((edition: string) => Content['files']);
  /** A person loses patience so long after the start. */
  readonly interruptMs?: number;
}

export const kinds: readonly Kind[] = [...beforeUsers, ...afterUsers, ...accepted, ...unsure];
