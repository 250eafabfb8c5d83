/** Which path prefix leads to which part. One part has `/`: the site, or the server that serves pages. */
import { guess, sure, type Found, type Part } from './part.ts';

const frontNames = /^(frontend|front|client|web|website|site|www|ui|app|webapp)(-|$)/;

export function routesOf(parts: readonly Part[], names: readonly string[]): readonly (Found<string> | undefined)[] {
  const entries = parts.map((_, index) => index).filter((index) => parts[index]?.kind !== 'worker');
  const front = frontOf(parts, names, entries);
  const taken = new Set(['/']);
  return parts.map((part, index) => {
    if (part.kind === 'worker') return undefined;
    if (index === front) return sure('/', entries.length === 1 ? 'the only part that answers requests' : 'what people see first');
    return claim(routeOf(part, names[index] ?? '', parts, entries.length, taken), taken, names[index] ?? '');
  });
}

function frontOf(parts: readonly Part[], names: readonly string[], entries: readonly number[]): number | undefined {
  const named = (index: number): boolean => frontNames.test(names[index] ?? '');
  const sites = entries.filter((index) => parts[index]?.kind === 'site');
  const servers = entries.filter((index) => parts[index]?.kind === 'server');
  return sites.find(named) ?? sites[0] ?? servers.find(named) ?? servers.find((index) => parts[index]?.prefixes.length === 0) ?? entries[0];
}

function routeOf(part: Part, name: string, parts: readonly Part[], entries: number, taken: ReadonlySet<string>): Found<string> {
  const proxied = parts.flatMap((other) => other.proxied).filter(({ value }) => !taken.has(value));
  const agreed = proxied.find(({ value }) => part.prefixes.some((prefix) => prefix.value === value));
  if (agreed !== undefined) return sure(agreed.value, `${agreed.why} and the program agree`);
  const [first] = part.prefixes.filter(({ value }) => !taken.has(value));
  const api = part.prefixes.find(({ value }) => value === '/api' && !taken.has(value));
  if (first !== undefined && part.prefixes.length === 1) return sure(first.value, first.why);
  if (api !== undefined) return guess('/api', `${api.why}; ${others(part, '/api')} cannot be reached from outside`);
  const [hint] = proxied;
  if (hint !== undefined && entries === 2) return guess(hint.value, `${hint.why} leads there`);
  if (first !== undefined)
    return guess(
      first.value,
      `${first.why}; ${others(part, first.value)} cannot be reached from outside: put all of them under one prefix`,
    );
  return guess(
    taken.has('/api') || entries > 2 ? `/${name}` : '/api',
    'no path was found in the program; the prefix is kept, so the program must answer under it',
  );
}

function others(part: Part, taken: string): string {
  return part.prefixes
    .filter(({ value }) => value !== taken)
    .slice(0, 5)
    .map(({ value }) => value)
    .join(', ');
}

function claim(route: Found<string>, taken: Set<string>, name: string): Found<string> {
  const free = taken.has(route.value) ? guess(`/${name}`, `${route.value} leads to another service`) : route;
  taken.add(free.value);
  return free;
}
