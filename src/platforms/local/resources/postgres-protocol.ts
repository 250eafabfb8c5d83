/** As much of PostgreSQL's protocol as it takes to know that a server is there and lets a user in: startup and SCRAM-SHA-256. */
import { createHash, createHmac, pbkdf2 as pbkdf2Callback, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import type { Secret } from '../../../exec/secret.ts';
import { connect, type Conversation } from './conversation.ts';

const pbkdf2 = promisify(pbkdf2Callback);

export interface PostgresAddress {
  readonly host: string;
  readonly port: number;
}

export interface Login extends PostgresAddress {
  readonly user: string;
  readonly database: string;
  readonly password: Secret;
}

export type PostgresAnswer =
  /** Let in; the server's version as it says, such as `17.10`. */
  | { readonly kind: 'welcome'; readonly version: string }
  /** It answers and wants a password. */
  | { readonly kind: 'asks' }
  /** SQLSTATE and text of a refusal: 57P03 starting up, 28P01 wrong password, 3D000 no such database. */
  | { readonly kind: 'refused'; readonly state: string; readonly message: string }
  | { readonly kind: 'silent'; readonly reason: string };

/** Whether a server answers a greeting; does not sign in. */
export async function greet(address: PostgresAddress, user: string, timeoutMs: number): Promise<PostgresAnswer> {
  return talk(address, timeoutMs, async (server) => {
    server.write(startupMessage(user, user));
    const { type, body } = await readMessage(server);
    return type === 'E' ? refusal(body) : { kind: 'asks' };
  });
}

/** Signs in with a password and leaves again. */
export async function signIn(login: Login, timeoutMs: number): Promise<PostgresAnswer> {
  return talk(login, timeoutMs, async (server) => {
    server.write(startupMessage(login.user, login.database));
    return authenticate(server, login.password);
  });
}

/** Whether a server that may want TLS speaks this protocol: it answers the question about TLS with one byte. */
export async function speaksPostgres(address: PostgresAddress, timeoutMs: number): Promise<boolean> {
  const answer = await talk(address, timeoutMs, async (server) => {
    server.write(Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]));
    const said = (await server.read(1)).toString('latin1');
    return said === 'S' || said === 'N' ? { kind: 'asks' } : { kind: 'silent', reason: 'it speaks another protocol' };
  });
  return answer.kind === 'asks';
}

async function talk(
  address: PostgresAddress,
  timeoutMs: number,
  dialogue: (server: Conversation) => Promise<PostgresAnswer>,
): Promise<PostgresAnswer> {
  let server: Conversation | undefined;
  try {
    server = await connect(address.host, address.port, timeoutMs);
    return await dialogue(server);
  } catch (error) {
    return { kind: 'silent', reason: (error as Error).message };
  } finally {
    server?.close();
  }
}

async function authenticate(server: Conversation, password: Secret): Promise<PostgresAnswer> {
  let version = '';
  let scram: Scram | undefined;
  for (;;) {
    const { type, body } = await readMessage(server);
    if (type === 'E') return refusal(body);
    if (type === 'S') version = parameter(body, 'server_version') ?? version;
    if (type === 'Z') {
      server.write(message('X', Buffer.alloc(0)));
      return { kind: 'welcome', version: version.split(' ')[0] ?? version };
    }
    if (type === 'R') scram = await answerAuthentication(server, body, password, scram);
  }
}

/** Client's side of SCRAM between two messages. */
interface Scram {
  readonly first: string;
  readonly expected?: Buffer;
}

const authentication = { ok: 0, sasl: 10, saslContinue: 11, saslFinal: 12 };

async function answerAuthentication(
  server: Conversation,
  body: Buffer,
  password: Secret,
  scram: Scram | undefined,
): Promise<Scram | undefined> {
  const kind = body.readInt32BE(0);
  const text = body.toString('utf8', 4);
  if (kind === authentication.ok) return scram;
  if (kind === authentication.sasl) {
    const first = `n=,r=${randomBytes(18).toString('base64')}`;
    server.write(message('p', Buffer.concat([Buffer.from('SCRAM-SHA-256\0'), int32(first.length + 3), Buffer.from(`n,,${first}`)])));
    return { first };
  }
  if (kind === authentication.saslContinue && scram !== undefined) {
    const { reply, expected } = await proof(password, scram.first, text);
    server.write(message('p', Buffer.from(reply)));
    return { first: scram.first, expected };
  }
  if (kind === authentication.saslFinal && isSigned(text, scram?.expected)) return scram;
  throw new Error(`it asks for a way of signing in (${kind}) that is not SCRAM-SHA-256`);
}

function isSigned(text: string, expected: Buffer | undefined): boolean {
  const signature = Buffer.from(/^v=(.*)$/.exec(text)?.[1] ?? '', 'base64');
  return expected !== undefined && signature.length === expected.length && timingSafeEqual(signature, expected);
}

async function proof(password: Secret, first: string, serverFirst: string): Promise<{ reply: string; expected: Buffer }> {
  const { r = '', s = '', i = '' } = Object.fromEntries(serverFirst.split(',').map((field) => [field.slice(0, 1), field.slice(2)]));
  if (!r.startsWith(first.slice('n=,r='.length))) throw new Error('its answer does not belong to this conversation');
  const { clientKey, storedKey, serverKey } = await keys(password, Buffer.from(s, 'base64'), Number(i));
  const bare = `c=biws,r=${r}`;
  const signed = `${first},${serverFirst},${bare}`;
  const signature = hmac(storedKey, signed);
  const mixed = clientKey.map((byte, index) => byte ^ (signature[index] ?? 0));
  return { reply: `${bare},p=${Buffer.from(mixed).toString('base64')}`, expected: hmac(serverKey, signed) };
}

async function keys(
  password: Secret,
  salt: Buffer,
  iterations: number,
): Promise<{ clientKey: Buffer; storedKey: Buffer; serverKey: Buffer }> {
  const salted = await pbkdf2(password.reveal().normalize('NFKC'), salt, iterations, 32, 'sha256');
  const clientKey = hmac(salted, 'Client Key');
  return { clientKey, storedKey: createHash('sha256').update(clientKey).digest(), serverKey: hmac(salted, 'Server Key') };
}

/** What the server keeps instead of the password; with it the password itself never leaves this process. */
export async function scramVerifier(password: Secret): Promise<string> {
  const salt = randomBytes(16);
  const iterations = 4096;
  const { storedKey, serverKey } = await keys(password, salt, iterations);
  return `SCRAM-SHA-256$${iterations}:${salt.toString('base64')}$${storedKey.toString('base64')}:${serverKey.toString('base64')}`;
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

function startupMessage(user: string, database: string): Buffer {
  const body = Buffer.concat([int32(196_608), Buffer.from(`user\0${user}\0database\0${database}\0application_name\0gantry\0\0`)]);
  return Buffer.concat([int32(body.length + 4), body]);
}

function message(type: string, body: Buffer): Buffer {
  return Buffer.concat([Buffer.from(type), int32(body.length + 4), body]);
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

async function readMessage(server: Conversation): Promise<{ type: string; body: Buffer }> {
  const head = await server.read(5);
  const type = head.toString('latin1', 0, 1);
  const length = head.readInt32BE(1) - 4;
  if (length < 0 || length > 1024 * 1024) throw new Error('it speaks another protocol');
  return { type, body: await server.read(length) };
}

function refusal(body: Buffer): PostgresAnswer {
  const fields = Object.fromEntries(
    body
      .toString('utf8')
      .split('\0')
      .map((field) => [field.slice(0, 1), field.slice(1)]),
  );
  return { kind: 'refused', state: fields['C'] ?? '', message: fields['M'] ?? '' };
}

function parameter(body: Buffer, wanted: string): string | undefined {
  const [name, value] = body.toString('utf8').split('\0');
  return name === wanted ? value : undefined;
}
