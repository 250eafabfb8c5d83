/** What is refused before it is routed. */
import type { Served } from './access-log.ts';
import type { Refusal } from './headers.ts';

/** A request of which nothing could be read. */
export const unread: Served = {
  method: '-',
  target: '-',
  status: 400,
  bytes: 0,
  service: '-',
  set: '-',
  replica: '',
  requestId: '',
  remoteAddress: '',
  retries: 0,
};

export const badTarget: Refusal = { status: 400, reason: 'The address of the request is malformed.' };
export const badUpgrade: Refusal = { status: 400, reason: 'A request with a body cannot change the protocol.' };
export const overloaded: Refusal = { status: 503, reason: 'Too many requests are being served at the moment.' };
export const nothingHere: Refusal = { status: 404, reason: 'Nothing is served at this address.' };
