/** "Did you mean": the nearest of the known words, if it is near enough to be a slip of the hand. */

export function nearest(word: string, known: Iterable<string>): string | undefined {
  if (word.length > 64) return undefined;
  const wanted = word.toLowerCase();
  let best: { word: string; distance: number } | undefined;
  for (const candidate of known) {
    const distance = editDistance(wanted, candidate.toLowerCase());
    if (distance <= allowed(wanted, candidate) && (best === undefined || distance < best.distance)) best = { word: candidate, distance };
  }
  return best?.word;
}

/** Words that other tools use for the same. */
const elsewhere: Readonly<Record<string, string>> = {
  args: 'variables',
  env: 'variables',
  envs: 'variables',
  environment: 'variables',
  vars: 'variables',
  cmd: 'run',
  command: 'run',
  start: 'run',
  entrypoint: 'run',
  ports: 'port',
  expose: 'port',
  healthcheck: 'health',
  health_check: 'health',
  readiness: 'health',
  cpus: 'cpu',
  mem_limit: 'memory',
  ram: 'memory',
  path: 'route',
  prefix: 'route',
  url: 'route',
  instances: 'replicas',
  count: 'replicas',
  autoscale: 'scale',
  cron: 'schedule',
  databases: 'resources',
  dependencies: 'resources',
  install: 'prepare',
  migration: 'migrate',
  migrations: 'migrate',
  size: 'storage',
  disk: 'storage',
  engine: 'type',
  kind: 'type',
  name: 'app',
  tests: 'smoke',
  checks: 'smoke',
  root: 'dir',
  dist: 'static',
  resources: 'limits',
};

/** The known key that was probably meant: a slip of the hand, the beginning of it, or another tool's word. */
export function meant(key: string, known: readonly string[]): string | undefined {
  const word = key.toLowerCase();
  const other = Object.hasOwn(elsewhere, word) ? elsewhere[word] : undefined;
  return (
    nearest(key, known) ??
    known.find((candidate) => word.length >= 3 && candidate.startsWith(word)) ??
    known.find((candidate) => candidate === other)
  );
}

/** `; did you mean "health"?`, or nothing. */
export function didYouMean(word: string, known: Iterable<string>): string {
  const hit = nearest(word, known);
  return hit === undefined ? '' : `; did you mean "${hit}"?`;
}

function allowed(a: string, b: string): number {
  return Math.max(1, Math.floor(Math.min(a.length, b.length) / 3));
}

/** Edits (insert, delete, replace, swap of neighbours) that turn one word into the other. */
export function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1];
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      current.push(
        Math.min(
          at(previous, column) + 1,
          at(current, column - 1) + 1,
          at(previous, column - 1) + (same ? 0 : 1),
          swapped ? at(before, column - 2) + 1 : Infinity,
        ),
      );
    }
    before = previous;
    previous = current;
  }
  return at(previous, b.length);
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Infinity;
}
