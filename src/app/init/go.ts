/** What a folder with a Go module is and how it runs. */
import { baseName, folderOf, type View } from './listing.ts';
import { emptyPart, guess, quoted, sure, type Client, type Found, type Part } from './part.ts';
import { goSources, healthIn, heedsPort, portIn, prefixesIn, readsIn } from './source.ts';

const clientModules: readonly (readonly [RegExp, Client])[] = [
  [/github\.com\/(jackc\/pgx|lib\/pq|go-pg\/pg)|gorm\.io\/driver\/postgres/, 'postgres'],
  [/github\.com\/(redis\/go-redis|go-redis\/redis|gomodule\/redigo)|valkey-io\/valkey-go/, 'redis'],
  [/github\.com\/go-sql-driver\/mysql|gorm\.io\/driver\/mysql/, 'mysql'],
  [/go\.mongodb\.org\/mongo-driver/, 'mongodb'],
  [/github\.com\/mattn\/go-sqlite3|modernc\.org\/sqlite|gorm\.io\/driver\/sqlite/, 'sqlite'],
];

export function goPart(view: View): Part | undefined {
  const module = view.text('go.mod');
  if (module === undefined) return undefined;
  const sources = view.sources(goSources);
  const main = mainPackage(view);
  if (main === undefined) return undefined;
  const port = portIn(sources) ?? (heedsPort(sources) ? guess({ number: 8080, fixed: false }, 'the program reads PORT') : undefined);
  const health = healthIn(sources, []);
  const listens = port !== undefined || sources.some(({ text }) => /ListenAndServe|\.Run\(|\.Listen\(/.test(text));
  return {
    ...emptyPart(view.folder, listens ? 'server' : 'worker', 'go'),
    ...(view.folder === '.' ? {} : { name: baseName(view.folder) }),
    prepare: [{ ...main, value: `go build -o app ${quoted(main.value)}` }],
    run: sure('./app', 'the program that `go build` makes'),
    ...(port === undefined ? {} : { port }),
    ...(health === undefined ? {} : { health }),
    prefixes: prefixesIn(sources),
    reads: readsIn(view),
    clients: clientModules.flatMap(([pattern, client]) => (pattern.test(module) ? [sure(client, 'go.mod')] : [])),
  };
}

/** The package to build: the top, or the only program (the one named like a server when there are several) under cmd/. */
function mainPackage(view: View): Found<string> | undefined {
  const mains = view.sources(goSources).filter(({ text }) => /^package main\b/m.test(text));
  const folders = [...new Set(mains.map(({ path }) => folderOf(path)))];
  if (folders.includes('.')) return sure('.', 'the program is at the top of the module');
  const [only] = folders;
  if (only === undefined) return undefined;
  if (folders.length === 1) return sure(`./${only}`, `${only} is the only program of the module`);
  const server = folders.find((folder) => /server|api|web/.test(baseName(folder))) ?? only;
  return guess(`./${server}`, `there are several programs: ${folders.slice(0, 5).join(', ')}`);
}
