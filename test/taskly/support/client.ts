import { once } from 'node:events';
import http, { Agent, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { eventually } from './backend.ts';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The body as JSON; undefined when there is none. */
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly json: any;
}

export interface CallOptions {
  readonly body?: unknown;
  /** The body as it goes over the wire, instead of `body`. */
  readonly raw?: string | Buffer;
  readonly headers?: Record<string, string>;
}

const agent = new Agent({ keepAlive: true, maxSockets: 200 });
let counter = 0;
/** An address that no other caller has, so that the limits of one test do not touch another's. */
export const freshAddress = (): string => `10.${(process.pid >> 8) & 255}.${(++counter >> 8) & 255}.${counter & 255}`;
export const freshEmail = (): string => `person-${process.pid}-${++counter}@example.com`;
export const PASSWORD = 'correct horse battery';

/** One request; never repeated. */
export async function call(base: string, method: string, path: string, options: CallOptions = {}): Promise<Answer> {
  const payload = options.raw ?? (options.body === undefined ? undefined : JSON.stringify(options.body));
  const headers = {
    ...(payload === undefined ? {} : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(payload)) }),
    ...options.headers,
  };
  // The path goes out as it is; an address would be tidied up first.
  const { hostname, port } = new URL(base);
  const request = http.request({ hostname, port, path, method, headers, agent });
  request.end(payload);
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  const isJson = String(response.headers['content-type']).startsWith('application/json') && text !== '';
  return { status: response.statusCode ?? 0, headers: response.headers, text, json: isJson ? JSON.parse(text) : undefined };
}

/** A browser's side: keeps the cookie, has an address of its own. */
export class Person {
  base: string;
  cookie = '';
  readonly address: string;
  readonly email: string;

  constructor(base: string, { address = freshAddress(), email = freshEmail() } = {}) {
    this.base = base;
    this.address = address;
    this.email = email;
  }

  async call(method: string, path: string, options: CallOptions = {}): Promise<Answer> {
    const answer = await call(this.base, method, path, { ...options, headers: { ...this.headers(), ...options.headers } });
    for (const line of answer.headers['set-cookie'] ?? []) this.#take(line);
    return answer;
  }

  headers(): Record<string, string> {
    return { 'x-forwarded-for': this.address, ...(this.cookie && { cookie: this.cookie }) };
  }

  signUp(password = PASSWORD): Promise<Answer> {
    return this.call('POST', '/api/accounts', { body: { email: this.email, password } });
  }

  signIn(password = PASSWORD): Promise<Answer> {
    return this.call('POST', '/api/session', { body: { email: this.email, password } });
  }

  signOut(): Promise<Answer> {
    return this.call('DELETE', '/api/session');
  }

  create(body: Record<string, unknown> | string, headers: Record<string, string> = {}): Promise<Answer> {
    return this.call('POST', '/api/tasks', { body: typeof body === 'string' ? { title: body } : body, headers });
  }

  change(id: string, body: Record<string, unknown>): Promise<Answer> {
    return this.call('PATCH', `/api/tasks/${id}`, { body });
  }

  /** All tasks, through all pages. */
  async all(query = ''): Promise<{ id: string; title: string; position: string; version: number; done: boolean; due: string | null }[]> {
    const items = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const page = await this.call('GET', `/api/tasks?limit=100${query}${cursor && `&cursor=${cursor}`}`);
      if (page.status !== 200) throw new Error(`the list answered ${page.status}: ${page.text}`);
      items.push(...page.json.items);
      cursor = page.json.next;
    }
    return items;
  }

  async titles(query = ''): Promise<string[]> {
    return (await this.all(query)).map((task) => task.title);
  }

  /** The same person in another tab, perhaps on another replica. */
  tab(base = this.base): Person {
    const tab = new Person(base, { address: this.address, email: this.email });
    tab.cookie = this.cookie;
    return tab;
  }

  #take(line: string): void {
    const [pair = ''] = line.split(';', 1);
    const [, value] = pair.split('=', 2);
    this.cookie = value ? pair : '';
  }
}

/** Somebody with a new account, signed in. */
export async function newPerson(base: string): Promise<Person> {
  const person = new Person(base);
  const answer = await person.signUp();
  if (answer.status !== 201) throw new Error(`sign-up answered ${answer.status}: ${answer.text}`);
  return person;
}

export interface ServerEvent {
  readonly id: string | undefined;
  readonly event: string;
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly data: any;
}

/** An open event stream. */
export class Stream {
  readonly events: ServerEvent[] = [];
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly #response: IncomingMessage;
  raw = '';
  closed = false;
  retry: number | undefined;
  #rest = '';

  private constructor(response: IncomingMessage) {
    this.#response = response;
    this.status = response.statusCode ?? 0;
    this.headers = response.headers;
    response.setEncoding('utf8');
    response.on('data', (text: string) => this.#read(text));
    for (const event of ['close', 'error']) response.on(event, () => (this.closed = true));
  }

  static async open(person: Person, lastEventId?: string, path = '/api/events'): Promise<Stream> {
    const headers = { ...person.headers(), ...(lastEventId !== undefined && { 'last-event-id': lastEventId }) };
    const request = http.get(person.base + path, { headers, agent: false });
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    const stream = new Stream(response);
    if (stream.status === 200) await stream.next((event) => event.event === 'ready');
    return stream;
  }

  get lastId(): string | undefined {
    return this.events.findLast((event) => event.id !== undefined)?.id;
  }

  next(matches: (event: ServerEvent) => boolean, ms = 10_000): Promise<ServerEvent> {
    return eventually('an event arrives', () => this.events.find(matches), ms);
  }

  /** Stays open and reads no more. */
  pause(): void {
    this.#response.pause();
  }

  close(): void {
    this.#response.destroy();
  }

  #read(text: string): void {
    this.raw += text;
    const blocks = (this.#rest + text).split('\n\n');
    this.#rest = blocks.pop() ?? '';
    for (const block of blocks) this.#parse(block);
  }

  #parse(block: string): void {
    const fields = new Map(block.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()]));
    if (fields.has('retry')) this.retry = Number(fields.get('retry'));
    if (fields.has('event'))
      this.events.push({ id: fields.get('id'), event: fields.get('event') ?? '', data: JSON.parse(fields.get('data') ?? 'null') });
  }
}
