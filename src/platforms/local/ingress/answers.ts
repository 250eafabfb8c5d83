/** The ingress's own answers: short and plain, HTML for a browser, JSON for everybody else. */

export interface Answer {
  readonly reason: string;
  readonly headers: string[];
  readonly body: string;
}

const reasons: Readonly<Record<number, string>> = {
  301: 'Moved Permanently',
  400: 'Bad Request',
  404: 'Not Found',
  405: 'Method Not Allowed',
  408: 'Request Timeout',
  413: 'Content Too Large',
  416: 'Range Not Satisfiable',
  431: 'Request Header Fields Too Large',
  500: 'Internal Server Error',
  501: 'Not Implemented',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
  505: 'HTTP Version Not Supported',
};

const sentences: Readonly<Record<number, string>> = {
  400: 'The request is malformed.',
  404: 'Nothing is served at this address.',
  405: 'This method is not allowed here.',
  408: 'The request took too long to arrive.',
  413: 'The request body is larger than this app allows.',
  431: 'The request headers are larger than this app allows.',
  502: 'The app did not answer this request properly.',
  503: 'The app is not ready at the moment. Please try again shortly.',
  504: 'The app did not answer in time.',
};

export function reasonOf(status: number): string {
  return reasons[status] ?? 'Error';
}

/** An answer for a status of 400 and above. `requestId` lets a person find the line in the access log. */
export function answerFor(status: number, accept: string, requestId: string, sentence = sentences[status] ?? reasonOf(status)): Answer {
  const html = accept.includes('text/html');
  const body = html ? page(status, sentence, requestId) : `${JSON.stringify({ error: { status, message: sentence, requestId } })}\n`;
  const headers = [
    'Content-Type',
    html ? 'text/html; charset=utf-8' : 'application/json',
    'Content-Length',
    String(Buffer.byteLength(body)),
    'Cache-Control',
    'no-store',
  ];
  if (requestId !== '') headers.push('X-Request-Id', requestId);
  if (status === 503) headers.push('Retry-After', '2');
  if (status === 405) headers.push('Allow', 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS');
  return { reason: reasonOf(status), headers, body };
}

function page(status: number, sentence: string, requestId: string): string {
  return (
    `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">` +
    `<title>${status} ${reasonOf(status)}</title></head><body><h1>${reasonOf(status)}</h1><p>${sentence}</p>` +
    `<p><small>${status}${requestId === '' ? '' : `, request ${escapeHtml(requestId)}`}</small></p></body></html>\n`
  );
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** A whole response as bytes, for a connection on which no request could be read. */
export function rawAnswer(status: number): string {
  const { reason, headers, body } = answerFor(status, '', '');
  let head = `HTTP/1.1 ${status} ${reason}\r\nConnection: close\r\n`;
  for (let at = 0; at < headers.length; at += 2) head += `${headers[at]}: ${headers[at + 1]}\r\n`;
  return `${head}\r\n${body}`;
}
