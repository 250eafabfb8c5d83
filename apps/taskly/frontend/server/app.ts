import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { securityHeaders } from './headers.ts';
import type { Asset, Encoding, Site } from './site.ts';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** Answers /healthz, the files of the site, and index.html for a navigation to any other page of the app. */
export function createHandler(site: Site): Handler {
  return (request, response) => {
    const path = pathOf(request.url ?? '/');
    if (request.method !== 'GET' && request.method !== 'HEAD')
      return text(request, response, 405, 'Method not allowed\n', { allow: 'GET, HEAD' });
    if (path === '/healthz') return text(request, response, 200, 'ok');
    const asset = path === undefined ? undefined : find(site, path, request);
    if (asset === undefined) return text(request, response, 404, 'Not found\n');
    return send(request, response, asset);
  };
}

/** The decoded path without its query; undefined when it cannot be one of ours. */
function pathOf(url: string): string | undefined {
  try {
    return decodeURIComponent(url.split('?', 1)[0] ?? '/');
  } catch {
    return undefined;
  }
}

function find(site: Site, path: string, request: IncomingMessage): Asset | undefined {
  const asset = path === '/index.html' ? undefined : site.get(path);
  return asset ?? (isNavigation(path, request) ? site.get('/index.html') : undefined);
}

/** A browser that opens a page; never a script, a style or an image that is missing, which must stay a 404. */
function isNavigation(path: string, request: IncomingMessage): boolean {
  if (path === '/') return true;
  if (/\/[./]|\\/.test(path)) return false;
  if (/^\/(api|assets)(\/|$)/.test(path) || /\.\w+$/.test(path)) return path === '/index.html';
  const destination = request.headers['sec-fetch-dest'];
  if (destination !== undefined && destination !== 'document') return false;
  return /text\/html|\*\/\*/.test(request.headers.accept ?? '*/*');
}

function send(request: IncomingMessage, response: ServerResponse, asset: Asset): void {
  const encoding = chooseEncoding(asset, String(request.headers['accept-encoding'] ?? ''));
  const etag = `"${asset.etag}${encoding === 'identity' ? '' : `-${encoding}`}"`;
  const headers: OutgoingHttpHeaders = {
    ...securityHeaders(cameOverHttps(request)),
    'cache-control': asset.immutable ? 'public, max-age=31536000, immutable' : 'no-cache',
    etag,
    vary: 'accept-encoding',
  };
  if (matches(request.headers['if-none-match'], asset.etag)) {
    response.writeHead(304, headers).end();
    return;
  }
  const body = asset.bodies[encoding] ?? asset.bodies.identity;
  if (encoding !== 'identity') headers['content-encoding'] = encoding;
  response.writeHead(200, { ...headers, 'content-type': asset.type, 'content-length': body.length });
  response.end(request.method === 'HEAD' ? undefined : body);
}

function chooseEncoding(asset: Asset, accepted: string): Encoding {
  const offers = accepted.split(',').map((offer) => offer.trim());
  const accepts = (name: string): boolean => offers.some((offer) => offer.split(';')[0] === name && !/;\s*q=0(\.0*)?$/.test(offer));
  if (asset.bodies.br !== undefined && accepts('br')) return 'br';
  return asset.bodies.gzip !== undefined && accepts('gzip') ? 'gzip' : 'identity';
}

/** Encodings of one content share its hash, so whichever of them the browser holds is still good. */
function matches(condition: string | undefined, etag: string): boolean {
  return (
    condition?.split(',').some(
      (held) =>
        held
          .trim()
          .replace(/^W\//, '')
          .replace(/^"|(-br|-gzip)?"$/g, '') === etag,
    ) ?? false
  );
}

const cameOverHttps = (request: IncomingMessage): boolean => request.headers['x-forwarded-proto'] === 'https';

function text(request: IncomingMessage, response: ServerResponse, status: number, body: string, extra: OutgoingHttpHeaders = {}): void {
  const headers = { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store', 'content-length': Buffer.byteLength(body) };
  response.writeHead(status, { ...securityHeaders(cameOverHttps(request)), ...headers, ...extra });
  response.end(request.method === 'HEAD' ? undefined : body);
}
