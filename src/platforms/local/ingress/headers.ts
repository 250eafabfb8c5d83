/** Pure reading and filtering of headers. Lists hold names and values in turn, as they came over the wire. */

export interface Refusal {
  readonly status: number;
  readonly reason: string;
}

/** What the ingress reads from a request's head, and the headers that the backend gets. */
export interface RequestHead {
  readonly headers: string[];
  /** As the client sent it; `localhost` for an HTTP/1.0 request without one. */
  readonly host: string;
  readonly hasBody: boolean;
  /** Bytes, or -1 if unknown. */
  readonly contentLength: number;
  readonly requestId: string;
  readonly accept: string;
  /** Lower case, empty without one. */
  readonly upgrade: string;
  readonly set: string | undefined;
  readonly setKey: string | undefined;
  /** A cookie of an ingress, this or another one, may be among the cookies. */
  readonly hasOwnCookie: boolean;
}

export interface HeadSource {
  readonly method: string;
  /** `1.1`, `1.0` */
  readonly version: string;
  readonly headers: readonly string[];
  readonly remoteAddress: string;
}

/** What a header means to the ingress. */
const kinds = {
  pass: 0,
  drop: 1,
  host: 2,
  contentLength: 3,
  transferEncoding: 4,
  connection: 5,
  upgrade: 6,
  requestId: 7,
  accept: 8,
  set: 9,
  setKey: 10,
  contentType: 11,
  cookie: 12,
} as const;

const requestRules = new Map<string, number>(
  Object.entries({
    host: kinds.host,
    'content-length': kinds.contentLength,
    'transfer-encoding': kinds.transferEncoding,
    connection: kinds.connection,
    upgrade: kinds.upgrade,
    'x-request-id': kinds.requestId,
    accept: kinds.accept,
    cookie: kinds.cookie,
    'x-gantry-set': kinds.set,
    'x-gantry-set-key': kinds.setKey,
    'keep-alive': kinds.drop,
    'proxy-connection': kinds.drop,
    'proxy-authorization': kinds.drop,
    'proxy-authenticate': kinds.drop,
    te: kinds.drop,
    trailer: kinds.drop,
    expect: kinds.drop,
    'http2-settings': kinds.drop,
    forwarded: kinds.drop,
    'x-real-ip': kinds.drop,
    // Common gateway interfaces turn it into HTTP_PROXY.
    proxy: kinds.drop,
  }),
);

const responseRules = new Map<string, number>(
  Object.entries({
    connection: kinds.connection,
    'content-length': kinds.contentLength,
    'content-type': kinds.contentType,
    'transfer-encoding': kinds.drop,
    'keep-alive': kinds.drop,
    'proxy-connection': kinds.drop,
    'proxy-authenticate': kinds.drop,
    trailer: kinds.drop,
    te: kinds.drop,
    upgrade: kinds.drop,
  }),
);

/** Names that Connection may not remove: without them the message would be read differently. */
const unremovable = new Set(['host', 'content-length', 'content-type', 'transfer-encoding', 'x-request-id']);

/** What every cookie of an ingress begins with. */
export const cookiePrefix = 'gantry-set-';

const maxHeaders = 256;
const validLength = /^(?:0|[1-9]\d{0,14})$/;
const validHost = /^(?:[a-z0-9_.~-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?$/i;
const validRequestId = /^[\w.:@+=/-]{1,128}$/;

const ambiguous: Refusal = { status: 400, reason: 'The request can be read in more than one way.' };
const tooMany: Refusal = { status: 431, reason: 'The request has too many headers.' };

/** Remembers the rule of each spelling of a name; bounded, as clients choose the names. */
class Rules {
  readonly #known = new Map<string, number>();
  readonly #ruleOf: (lower: string) => number;

  constructor(ruleOf: (lower: string) => number) {
    this.#ruleOf = ruleOf;
  }

  of(name: string): number {
    return this.#known.get(name) ?? this.#learn(name);
  }

  #learn(name: string): number {
    const kind = this.#ruleOf(name.toLowerCase());
    if (this.#known.size < 512 && name.length <= 64) this.#known.set(name, kind);
    return kind;
  }
}

const requestNames = new Rules((lower) => {
  const hyphened = lower.replaceAll('_', '-');
  const rule = hyphened.startsWith('x-forwarded-') ? kinds.drop : (requestRules.get(hyphened) ?? kinds.pass);
  // Some backends read `x_real_ip` as `x-real-ip`; such spellings never pass.
  return hyphened !== lower && rule !== kinds.pass ? kinds.drop : rule;
});
const responseNames = new Rules((lower) => responseRules.get(lower) ?? kinds.pass);

class Draft {
  headers: string[] = [];
  host: string | undefined;
  length = -1;
  chunked = false;
  requestId = '';
  accept = '';
  upgrade = '';
  set: string | undefined;
  setKey: string | undefined;
  hasOwnCookie = false;
  connection = '';
}

/** Reads a head once, from first to last header. `newId` makes a request id if the client sent none that is well-formed. */
export function readHead(source: HeadSource, newId: () => string): RequestHead | Refusal {
  const { headers, version } = source;
  if (version !== '1.1' && version !== '1.0') return { status: 505, reason: 'Only HTTP/1.1 and HTTP/1.0 are spoken here.' };
  if (headers.length > maxHeaders * 2) return tooMany;
  const draft = new Draft();
  for (let at = 0; at < headers.length; at += 2) {
    const name = headers[at] as string;
    const value = headers[at + 1] as string;
    const kind = requestNames.of(name);
    if (kind === kinds.pass) draft.headers.push(name, value);
    else if (kind !== kinds.drop && !take(draft, kind, name, value)) return ambiguous;
  }
  if (draft.chunked && (draft.length !== -1 || version === '1.0')) return ambiguous;
  if (draft.host === undefined && version === '1.1') return { status: 400, reason: 'The request has no Host header.' };
  if (!settled(draft.connection)) draft.headers = without(draft.headers, draft.connection);
  return finish(draft, source, newId);
}

/** False if the header makes the message ambiguous. */
function take(draft: Draft, kind: number, name: string, value: string): boolean {
  switch (kind) {
    case kinds.host: {
      const first = draft.host === undefined;
      draft.host = value;
      return first && validHost.test(value);
    }
    case kinds.contentLength: {
      const first = draft.length === -1;
      draft.length = Number(value);
      return first && validLength.test(value);
    }
    case kinds.transferEncoding: {
      const first = !draft.chunked;
      draft.chunked = true;
      return first && value.trim().toLowerCase() === 'chunked';
    }
    case kinds.connection:
      draft.connection = draft.connection === '' ? value : `${draft.connection},${value}`;
      return true;
    default:
      keep(draft, kind, name, value);
      return true;
  }
}

function keep(draft: Draft, kind: number, name: string, value: string): void {
  if (kind === kinds.upgrade) draft.upgrade = value.trim().toLowerCase();
  else if (kind === kinds.requestId) draft.requestId = validRequestId.test(value) ? value : '';
  else if (kind === kinds.set) draft.set = value;
  else if (kind === kinds.setKey) draft.setKey = value;
  else {
    if (kind === kinds.accept) draft.accept = value;
    else draft.hasOwnCookie ||= value.includes(cookiePrefix);
    draft.headers.push(name, value);
  }
}

function finish(draft: Draft, source: HeadSource, newId: () => string): RequestHead {
  const host = draft.host ?? 'localhost';
  const requestId = draft.requestId === '' ? newId() : draft.requestId;
  const { headers } = draft;
  headers.push('Host', host);
  if (draft.length > 0 || (draft.length === 0 && source.method !== 'GET' && source.method !== 'HEAD'))
    headers.push('Content-Length', String(draft.length));
  headers.push('X-Forwarded-For', source.remoteAddress, 'X-Forwarded-Proto', 'http', 'X-Forwarded-Host', host);
  headers.push('X-Real-IP', source.remoteAddress, 'X-Request-Id', requestId);
  return {
    headers,
    host,
    hasBody: draft.chunked || draft.length > 0,
    contentLength: draft.length,
    requestId,
    accept: draft.accept,
    upgrade: draft.upgrade,
    set: draft.set,
    setKey: draft.setKey,
    hasOwnCookie: draft.hasOwnCookie,
  };
}

export interface ResponseHead {
  readonly headers: string[];
  /** Bytes, or -1 if unknown. */
  readonly contentLength: number;
  readonly eventStream: boolean;
}

/** What the client gets of a backend's headers. */
export function readResponse(raw: readonly (Buffer | string)[], status: number): ResponseHead {
  const headers: string[] = [];
  let contentLength = -1;
  let eventStream = false;
  let connection = '';
  for (let at = 0; at < raw.length; at += 2) {
    const name = text(raw[at]);
    const value = text(raw[at + 1]);
    const kind = responseNames.of(name);
    if (kind === kinds.drop) continue;
    if (kind === kinds.connection) {
      connection = connection === '' ? value : `${connection},${value}`;
      continue;
    }
    if (kind === kinds.contentLength) {
      if (status === 204) continue;
      contentLength = Number(value);
    } else if (kind === kinds.contentType) eventStream = value.startsWith('text/event-stream');
    headers.push(name, value);
  }
  return { headers: settled(connection) ? headers : without(headers, connection), contentLength, eventStream };
}

/** The first value of a header, by lower-case name. */
export function headerValue(headers: readonly string[], name: string): string | undefined {
  for (let at = 0; at < headers.length; at += 2) {
    const other = headers[at] as string;
    if (other.length === name.length && other.toLowerCase() === name) return headers[at + 1];
  }
  return undefined;
}

function text(part: Buffer | string | undefined): string {
  return typeof part === 'string' ? part : part === undefined ? '' : part.toString('latin1');
}

/** Whether a Connection header names no other header, for the values that nearly all clients send. */
function settled(connection: string): boolean {
  return (
    connection === '' || connection === 'keep-alive' || connection === 'close' || connection === 'Keep-Alive' || connection === 'Upgrade'
  );
}

function without(headers: readonly string[], connection: string): string[] {
  const named = new Set(
    connection
      .split(',')
      .map((token) => token.trim().toLowerCase())
      .filter((token) => !unremovable.has(token)),
  );
  return headers.filter((_, at) => !named.has((headers[at - (at % 2)] as string).toLowerCase()));
}
