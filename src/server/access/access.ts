/**
 * Who may speak to the dashboard's server. A link carries a word that is good once; it is exchanged for a token, which the page sends in a
 * header. Both are 256 random bits. Only hashes are kept, so that nothing in this process's memory can be used to sign in.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** A token that was not used for this long is not good any more. */
export const idleMs = 12 * 60 * 60 * 1000;

/** One more link makes the oldest one useless; one more session ends the one that was used longest ago. */
const mostWords = 16;
const mostSessions = 64;

export interface Access {
  /** A fresh word for a link: good once, for as long as the server runs. */
  launchWord(): string;
  isLaunchWord(word: string): boolean;
  /** The token of a new session; undefined when the word is not good (any more). */
  exchange(word: string): string | undefined;
  /** Name of the token's session, and a sign of use; undefined when the token is not good. */
  use(token: string): string | undefined;
}

interface Session {
  readonly name: string;
  readonly hash: Buffer;
  usedAt: number;
}

/** @param now milliseconds of a clock that does not jump */
export function createAccess(now: () => number = () => performance.now()): Access {
  const words: Buffer[] = [];
  const sessions: Session[] = [];
  let begun = 0;

  const open = (): string => {
    const token = secretWord();
    sessions.push({ name: `session ${++begun}`, hash: hashOf(token), usedAt: now() });
    if (sessions.length > mostSessions) remove(sessions, (session) => session === leastUsed(sessions));
    return token;
  };

  return {
    launchWord() {
      const word = secretWord();
      words.push(hashOf(word));
      if (words.length > mostWords) words.shift();
      return word;
    },
    isLaunchWord: (word) => find(words, word, (hash) => hash) !== undefined,
    exchange(word) {
      const found = find(words, word, (hash) => hash);
      if (!found) return undefined;
      remove(words, (hash) => hash === found);
      return open();
    },
    use(token) {
      remove(sessions, (session) => now() - session.usedAt > idleMs);
      const found = find(sessions, token, (session) => session.hash);
      if (found) found.usedAt = now();
      return found?.name;
    },
  };
}

function secretWord(): string {
  return randomBytes(32).toString('base64url');
}

function hashOf(word: string): Buffer {
  return createHash('sha256').update(word).digest();
}

/** Compares with every one in constant time, so that how long it takes says nothing about any of them. */
function find<T>(all: readonly T[], word: string, hash: (one: T) => Buffer): T | undefined {
  const wanted = hashOf(word);
  return all.filter((one) => timingSafeEqual(hash(one), wanted))[0];
}

function leastUsed(sessions: readonly Session[]): Session | undefined {
  return sessions.toSorted((a, b) => a.usedAt - b.usedAt)[0];
}

function remove<T>(all: T[], isGone: (one: T) => boolean): void {
  for (let index = all.length - 1; index >= 0; index--) if (isGone(all[index] as T)) all.splice(index, 1);
}
