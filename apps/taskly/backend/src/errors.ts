import type { Task } from './tasks/schemas.ts';

const STATUS = {
  invalid_request: 400,
  not_signed_in: 401,
  wrong_credentials: 401,
  cross_origin: 403,
  not_found: 404,
  method_not_allowed: 405,
  email_taken: 409,
  version_conflict: 409,
  too_large: 413,
  unsupported_media_type: 415,
  idempotency_key_reused: 422,
  limit_reached: 422,
  too_many_requests: 429,
  internal: 500,
  unavailable: 503,
} as const;

export type ErrorCode = keyof typeof STATUS;
export type Fields = Readonly<Record<string, string>>;

interface Extra {
  readonly fields?: Fields;
  readonly task?: Task;
  /** Seconds. */
  readonly retryAfter?: number;
  readonly cause?: unknown;
}

/** An answer of 400 and above. The message is for people and never carries anything internal. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly code: ErrorCode;
  readonly extra: Extra;

  constructor(code: ErrorCode, message: string, extra: Extra = {}) {
    super(message, { cause: extra.cause });
    this.code = code;
    this.extra = extra;
  }

  get status(): number {
    return STATUS[this.code];
  }
}

export const unavailable = (cause?: unknown): ApiError =>
  new ApiError('unavailable', 'The service is busy or its database is away. Please try again in a moment.', {
    retryAfter: 1 + Math.round(Math.random() * 2),
    cause,
  });

export const notFound = (): ApiError => new ApiError('not_found', 'There is nothing here.');

export const invalid = (fields: Fields): ApiError =>
  new ApiError('invalid_request', Object.values(fields)[0] ?? 'The request is not valid.', { fields });

export const notSignedIn = (): ApiError => new ApiError('not_signed_in', 'Please sign in.');

export const tooMany = (retryAfter: number, message = 'Too many attempts. Please wait a little.'): ApiError =>
  new ApiError('too_many_requests', message, { retryAfter });
