const NETWORK = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOENT',
]);
// A server that stops or starts.
const SERVER_GONE = new Set(['57P01', '57P02', '57P03']);
const READ_ONLY = '25006';
const TEXTS = ['Connection terminated', 'connection error and is not queryable', 'Client was closed'];
const POOL_FULL = 'timeout exceeded when trying to connect';

const code = (error: unknown): string => String((error as { code?: unknown } | null)?.code ?? '');
const message = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** The connection is gone; what ran on it and was not being committed has not happened. */
export function isConnectionLoss(error: unknown): boolean {
  const c = code(error);
  return NETWORK.has(c) || SERVER_GONE.has(c) || c.startsWith('08') || TEXTS.some((text) => message(error).includes(text));
}

/** The server is there but has no room (connections, memory, disk). */
export const isCrowded = (error: unknown): boolean => code(error).startsWith('53');

const isTimeout = (error: unknown): boolean => message(error) === 'Query read timeout';

/** The connection is of no use to others: it still waits for an answer, or its server has become a standby and a new one may find the primary. */
export const isSpoilt = (error: unknown): boolean => isConnectionLoss(error) || isTimeout(error) || code(error) === READ_ONLY;

/** Everything that is the database's trouble and not the request's. */
export function isTrouble(error: unknown): boolean {
  const c = code(error);
  const busy =
    c === '57014' ||
    c === '55P03' ||
    c === '40001' ||
    c === '40P01' ||
    c.startsWith('28') ||
    c === READ_ONLY ||
    c === '25P03' ||
    c === '3D000' ||
    c === '42P01';
  return isConnectionLoss(error) || isCrowded(error) || isTimeout(error) || busy || message(error) === POOL_FULL;
}
