/** Bad releases that a tool finds with luck only, or not at all: too few requests tell, or what is wrong looks right. They are run and told, whatever comes of them. */
import type { Kind } from './kinds.ts';

const on = (what: string, does: string): string =>
  `exports.request = (request, response, { json }) => { if (!(${what})) return false; ${does}; return true; };`;

const drafts: readonly Omit<Kind, 'reach' | 'codes'>[] = [
  {
    name: 'one-path-404',
    what: 'one path, a quarter of the requests, is not there any more',
    defect: on("request.url === '/api/report'", 'json(response, 404, {})'),
  },
  {
    name: 'writes-refused',
    what: 'every write, a quarter of the requests, is refused',
    defect: on("request.method === 'POST'", "request.resume(); json(response, 403, { error: 'token' })"),
  },
  {
    name: 'wrong-content',
    what: '200 with a wrong body on a path that no smoke check asks',
    defect: on("request.url === '/api/report'", 'json(response, 200, { sold: null })'),
  },
  {
    name: 'page-cut-short',
    what: 'a head that announces four bytes of a longer page, which are what the smoke check looks for',
    defect: on(
      "request.url === '/'",
      "request.socket.end('HTTP/1.1 200 OK\\r\\ncontent-length: 4\\r\\n\\r\\nShop is open and has much to sell')",
    ),
  },
];

export const unsure: readonly Kind[] = drafts.map((draft) => ({ reach: 'unsure', codes: [], ...draft }));
