/** Which programs run on Node: their fixed ports can be mapped, those of others cannot. */

/** Node itself, and programs that are written for it or start it. */
const nodePrograms = new Set(['node', 'nodejs', 'npm', 'npx', 'pnpm', 'pnpx', 'yarn', 'yarnpkg', 'corepack', 'tsx']);

/** True for Node, for its package managers, and for programs of installed packages. */
export function startsNode(run: readonly string[]): boolean {
  const program = programOf(run);
  return nodePrograms.has(baseName(program)) || isPackageProgram(program);
}

/** `env NAME=value program` starts the program. */
export function programOf(run: readonly string[]): string {
  const [first = '', ...rest] = run;
  if (baseName(first) !== 'env') return first;
  return rest.find((word) => !/^[A-Za-z_][A-Za-z0-9_]*=/.test(word)) ?? '';
}

/** npm links the programs of packages there; those that are not for Node do not mind the variables. */
function isPackageProgram(program: string): boolean {
  return /(?:^|\/)node_modules\/\.bin\/[^/]+$/.test(program);
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
