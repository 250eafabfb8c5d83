/** The files that a page names, as a browser would load them; pure. It reads tags only, in one pass, whatever the page looks like. */

export interface Asset {
  /** Path and query, on the page's own origin. */
  readonly path: string;
  /** Without a script or a style sheet the page does not work; an image or an icon is a blemish. */
  readonly kind: 'script' | 'style' | 'other';
}

interface Tag {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
}

/** Text inside these is no markup that is shown. */
const opaque = new Set(['script', 'style', 'textarea', 'title', 'template', 'noscript', 'iframe', 'xmp']);
const attribute = /[\s/]*([^\s=>"'/]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>"']+)))?/y;
const iconWords = new Set(['icon', 'apple-touch-icon', 'mask-icon', 'manifest']);

/** Each once, in the order of the page; what lies on other origins is left out. @param page address of the page */
export function assetsOf(html: string, page: URL): Asset[] {
  const found = new Map<string, Asset>();
  let base = page;
  for (const tag of tags(html)) {
    if (tag.name === 'base' && base === page) base = resolve(tag.attributes.get('href'), page) ?? page;
    const wanted = loaded(tag);
    const url = wanted === undefined ? undefined : resolve(wanted.address, base);
    if (wanted === undefined || url === undefined || url.origin !== page.origin) continue;
    const path = url.pathname + url.search;
    if (!found.has(path)) found.set(path, { path, kind: wanted.kind });
  }
  return [...found.values()];
}

function loaded({ name, attributes }: Tag): { readonly address: string | undefined; readonly kind: Asset['kind'] } | undefined {
  if (name === 'script') return { address: attributes.get('src'), kind: 'script' };
  if (name === 'img') return { address: attributes.get('src'), kind: 'other' };
  if (name !== 'link') return undefined;
  const kind = linkKind((attributes.get('rel') ?? '').toLowerCase().split(/\s+/), attributes.get('as')?.toLowerCase());
  return kind === undefined ? undefined : { address: attributes.get('href'), kind };
}

function linkKind(rel: readonly string[], as: string | undefined): Asset['kind'] | undefined {
  if (rel.includes('stylesheet')) return rel.includes('alternate') ? 'other' : 'style';
  if (rel.includes('modulepreload')) return 'script';
  if (rel.includes('preload')) return as === 'script' || as === 'style' ? as : 'other';
  return rel.some((word) => iconWords.has(word)) ? 'other' : undefined;
}

function resolve(address: string | undefined, base: URL): URL | undefined {
  const text = address?.trim().replaceAll('&amp;', '&') ?? '';
  if (text === '' || text.startsWith('#')) return undefined;
  return URL.canParse(text, base.href) ? new URL(text, base) : undefined;
}

function* tags(html: string): Iterable<Tag> {
  const lower = html.toLowerCase();
  for (let at = html.indexOf('<'); at !== -1; at = html.indexOf('<', at)) {
    if (html.startsWith('<!--', at)) {
      at = html.indexOf('-->', at + 4);
      if (at === -1) return;
      continue;
    }
    const name = /^[a-z][^\s/>]*/.exec(lower.slice(at + 1, at + 40))?.[0];
    at += 1;
    if (name === undefined) continue;
    const { attributes, end } = attributesAt(html, at + name.length);
    yield { name, attributes };
    at = end;
    if (!opaque.has(name)) continue;
    at = lower.indexOf(`</${name}`, end);
    if (at === -1) return;
  }
}

function attributesAt(html: string, start: number): { readonly attributes: Map<string, string>; readonly end: number } {
  const attributes = new Map<string, string>();
  for (let end = start; ;) {
    attribute.lastIndex = end;
    const match = attribute.exec(html);
    if (match === null) return { attributes, end: Math.max(start, end) };
    const [, name = '', double, single, bare] = match;
    end = attribute.lastIndex;
    if (!attributes.has(name.toLowerCase())) attributes.set(name.toLowerCase(), double ?? single ?? bare ?? '');
  }
}
