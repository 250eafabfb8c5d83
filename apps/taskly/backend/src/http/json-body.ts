import type { FastifyInstance } from 'fastify';
import { ApiError, invalid } from '../errors.ts';

export const BODY_LIMIT = 64 * 1024;
const MAX_DEPTH = 16;
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false });

/** Whether brackets outside of strings ever nest deeper than `max`; looks at each character once. */
export function deeperThan(json: string, max: number): boolean {
  let depth = 0;
  let inString = false;
  for (let i = 0; i < json.length; i++) {
    const c = json[i];
    if (inString) {
      if (c === '\\') i++;
      else if (c === '"') inString = false;
    } else if (c === '"') inString = true;
    else if (c === '{' || c === '[') {
      if (++depth > max) return true;
    } else if (c === '}' || c === ']') depth--;
  }
  return false;
}

function decode(body: Buffer): string {
  try {
    return utf8.decode(body);
  } catch {
    throw new ApiError('invalid_request', 'The body is not valid UTF-8.');
  }
}

/** The only body that the API reads. `__proto__` and `constructor.prototype` are refused by fastify's own parser. */
export function acceptJsonOnly(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error');
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer', bodyLimit: BODY_LIMIT }, (request, body, done) => {
    // A DELETE with the header but nothing behind it is what some clients send.
    if (body.length === 0) return done(null, undefined);
    if (request.headers['content-encoding']) return done(new ApiError('unsupported_media_type', 'Compressed bodies are not read.'));
    try {
      const json = decode(body as Buffer);
      if (deeperThan(json, MAX_DEPTH)) return done(invalid({ body: `Must not nest deeper than ${MAX_DEPTH} levels.` }));
      return parse(request, json, done);
    } catch (error) {
      return done(error as Error);
    }
  });
}
