import { describe, expect, it } from 'vitest';
import { headerValue, readHead, readResponse, type Refusal, type RequestHead } from './headers.ts';

function read(headers: readonly string[], version = '1.1', method = 'GET'): RequestHead | Refusal {
  return readHead({ method, version, headers, remoteAddress: '10.0.0.9' }, () => 'made');
}

function passed(headers: readonly string[], version = '1.1', method = 'GET'): RequestHead {
  const head = read(headers, version, method);
  if ('status' in head) throw new Error(head.reason);
  return head;
}

describe('what the backend gets', () => {
  it('overwrites forwarded headers, in every spelling', () => {
    const { headers } = passed([
      'Host',
      'a',
      'X-Forwarded-For',
      '1.1.1.1',
      'x_forwarded_for',
      '2.2.2.2',
      'X-Forwarded-Port',
      '1',
      'Forwarded',
      'for=3',
      'X-Real-IP',
      '4',
      'Proxy',
      'http://evil',
    ]);
    expect(headers).toEqual([
      'Host',
      'a',
      'X-Forwarded-For',
      '10.0.0.9',
      'X-Forwarded-Proto',
      'http',
      'X-Forwarded-Host',
      'a',
      'X-Real-IP',
      '10.0.0.9',
      'X-Request-Id',
      'made',
    ]);
  });

  it('drops hop-by-hop headers and those that Connection names', () => {
    const { headers } = passed([
      'Host',
      'a',
      'Connection',
      'keep-alive, X-Hop',
      'Keep-Alive',
      '5',
      'TE',
      'trailers',
      'Trailer',
      'x',
      'X-Hop',
      '1',
      'X-End',
      '2',
      'Expect',
      '100-continue',
    ]);
    expect(headers.slice(0, 4)).toEqual(['X-End', '2', 'Host', 'a']);
  });

  it('does not let Connection remove what frames or names the message', () => {
    const { headers } = passed(
      ['Host', 'a', 'Content-Length', '3', 'Content-Type', 'x/y', 'Connection', 'content-length, host, content-type, x-request-id'],
      '1.1',
      'POST',
    );
    expect(headerValue(headers, 'content-length')).toBe('3');
    expect(headerValue(headers, 'content-type')).toBe('x/y');
    expect(headerValue(headers, 'x-request-id')).toBe('made');
  });

  it('strips the headers that choose a set and reads them', () => {
    const head = passed(['Host', 'a', 'X-Gantry-Set', 'next', 'x-gantry-set-key', 'k']);
    expect([head.set, head.setKey]).toEqual(['next', 'k']);
    expect(head.headers.join().toLowerCase()).not.toContain('gantry');
  });

  it('keeps a well-formed request id and replaces any other', () => {
    expect(passed(['Host', 'a', 'X-Request-Id', 'abc-1']).requestId).toBe('abc-1');
    expect(passed(['Host', 'a', 'X-Request-Id', 'a b"']).requestId).toBe('made');
    expect(passed(['Host', 'a', 'X-Request-Id', 'x'.repeat(200)]).requestId).toBe('made');
  });

  it('is not confused by names of object properties', () => {
    const { headers } = passed(['Host', 'a', '__proto__', '1', 'constructor', '2', 'toString', '3']);
    expect(headers.slice(0, 6)).toEqual(['__proto__', '1', 'constructor', '2', 'toString', '3']);
  });

  it('takes HTTP/1.0 without a host', () => {
    expect(passed([], '1.0').host).toBe('localhost');
  });
});

describe('what is refused', () => {
  it.each<[string, string[], string, number]>([
    ['no host', [], '1.1', 400],
    ['two hosts', ['Host', 'a', 'Host', 'a'], '1.1', 400],
    ['an empty host', ['Host', ''], '1.1', 400],
    ['a host with a path', ['Host', 'a/b'], '1.1', 400],
    ['a host with a user', ['Host', 'u@a'], '1.1', 400],
    ['both framings', ['Host', 'a', 'Content-Length', '1', 'Transfer-Encoding', 'chunked'], '1.1', 400],
    ['two lengths', ['Host', 'a', 'Content-Length', '1', 'Content-Length', '1'], '1.1', 400],
    ['a length with zeros', ['Host', 'a', 'Content-Length', '01'], '1.1', 400],
    ['a negative length', ['Host', 'a', 'Content-Length', '-1'], '1.1', 400],
    ['an endless length', ['Host', 'a', 'Content-Length', '9'.repeat(16)], '1.1', 400],
    ['another coding', ['Host', 'a', 'Transfer-Encoding', 'gzip, chunked'], '1.1', 400],
    ['two codings', ['Host', 'a', 'Transfer-Encoding', 'chunked', 'Transfer-Encoding', 'chunked'], '1.1', 400],
    ['chunks in HTTP/1.0', ['Host', 'a', 'Transfer-Encoding', 'chunked'], '1.0', 400],
    ['HTTP/0.9', [], '0.9', 505],
    ['HTTP/2.0', ['Host', 'a'], '2.0', 505],
    ['too many headers', Array.from({ length: 600 }, () => 'x'), '1.1', 431],
  ])('%s', (_, headers, version, status) => {
    expect(read(headers, version)).toMatchObject({ status });
  });
});

describe('what the client gets', () => {
  it('has no hop-by-hop headers, but cookies in order', () => {
    const raw = [
      'Connection',
      'x-secret',
      'X-Secret',
      '1',
      'Transfer-Encoding',
      'chunked',
      'Set-Cookie',
      'a',
      'Set-Cookie',
      'b',
      'Server',
      'app',
    ];
    expect(readResponse(raw, 200).headers).toEqual(['Set-Cookie', 'a', 'Set-Cookie', 'b', 'Server', 'app']);
  });

  it('knows length and event streams', () => {
    expect(readResponse(['content-length', '12'], 200)).toMatchObject({ contentLength: 12, eventStream: false });
    expect(readResponse(['content-type', 'text/event-stream; charset=utf-8'], 200)).toMatchObject({ contentLength: -1, eventStream: true });
    expect(readResponse(['content-length', '0'], 204).headers).toEqual([]);
  });
});
