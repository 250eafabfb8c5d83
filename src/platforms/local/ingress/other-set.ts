/**
 * Pages of two releases are open at the same time while both sets serve: what one set does not have, an asset of the other release, is asked
 * of the other set.
 */
import { prefersHtml } from './assignment.ts';
import { headerValue } from './headers.ts';
import { extensionOf } from './site-types.ts';

/** What makes up a page's version and is never the answer of an API. */
const code = new Set([
  'script',
  'style',
  'font',
  'manifest',
  'worker',
  'sharedworker',
  'serviceworker',
  'audioworklet',
  'paintworklet',
  'xslt',
]);
/** What a page shows; an API may have such as well. */
const media = new Set(['image', 'audio', 'video', 'track', 'object', 'embed']);

/** A request as the rule sees it. `headers`: names and values in turn. */
export interface Asked {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly headers: readonly string[];
  readonly accept: string;
}

/**
 * Whether a request that its set answers with 404 may be asked of the other set: only if it looks like one for an asset, by what a browser
 * says that it is for, or else by a file extension. Pages, and requests for JSON or events, never are.
 *
 * @param api its route is an API: a service below another route, as `/api` is below `/`, while neither a service at `/` nor any static site
 * is one. There only scripts, styles and their like count, which no API serves.
 */
export function isAsset({ method, path, headers, accept }: Asked, api: boolean): boolean {
  if (method !== 'GET' && method !== 'HEAD') return false;
  const purpose = headerValue(headers, 'sec-fetch-dest') ?? 'empty';
  if (code.has(purpose) || api) return code.has(purpose);
  if (purpose !== 'empty') return media.has(purpose);
  return extensionOf(path) !== '' && headerValue(headers, 'sec-fetch-mode') !== 'navigate' && !wantsData(accept) && !prefersHtml(accept);
}

function wantsData(accept: string): boolean {
  return /json|text\/event-stream/i.test(accept);
}

/** Whether the answer of the other set is better than the first set's 404. */
export function isFound(status: number): boolean {
  return (status >= 200 && status < 300) || status === 304;
}
