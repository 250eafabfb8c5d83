/** As much of Redis' protocol (RESP 2) as it takes to know that a server is ready and lets us in. */
import type { Secret } from '../../../exec/secret.ts';
import { connect, type Conversation } from './conversation.ts';

export type RedisAnswer =
  | { readonly kind: 'ready' }
  /** It speaks the protocol but does not serve yet, or not us: `LOADING`, `NOAUTH`, `WRONGPASS`. */
  | { readonly kind: 'refused'; readonly message: string }
  | { readonly kind: 'silent'; readonly reason: string };

/** Signs in, when a password is given, and asks for a sign of life. */
export async function ping(host: string, port: number, password: Secret | undefined, timeoutMs: number): Promise<RedisAnswer> {
  let server: Conversation | undefined;
  try {
    server = await connect(host, port, timeoutMs);
    if (password !== undefined) server.write(command('AUTH', password.reveal()));
    server.write(command('PING'));
    const replies = [...(password === undefined ? [] : [await reply(server)]), await reply(server)];
    const refusal = replies.find((line) => line.startsWith('-'));
    return refusal === undefined ? answerTo(replies.at(-1)) : { kind: 'refused', message: refusal.slice(1) };
  } catch (error) {
    return { kind: 'silent', reason: (error as Error).message };
  } finally {
    server?.close();
  }
}

function answerTo(line: string | undefined): RedisAnswer {
  return line === '+PONG' ? { kind: 'ready' } : { kind: 'silent', reason: 'it speaks another protocol' };
}

function command(...words: readonly string[]): string {
  return `*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`;
}

async function reply(server: Conversation): Promise<string> {
  return (await server.readThrough(10)).toString('utf8').trimEnd();
}
