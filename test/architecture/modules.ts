/** Reads what every module of src/ imports and uses, from its syntax tree: comments and strings cannot mislead it. */
import { readFileSync, readdirSync } from 'node:fs';
import { join, posix, sep } from 'node:path';
import { parseAst } from 'rolldown/parseAst';

export interface Import {
  /** Path below src/ for a relative import (`app/model.ts`), otherwise the name as written (`node:fs`, `zod`). */
  readonly target: string;
  /** Whether it was relative. */
  readonly internal: boolean;
  /** A type import leaves nothing at run time; a dynamic one runs only when it is reached. */
  readonly kind: 'value' | 'type' | 'dynamic';
  readonly names: readonly string[];
}

export interface Module {
  /** Path below src/, with forward slashes. */
  readonly path: string;
  readonly source: string;
  readonly imports: readonly Import[];
  /** Names that the code refers to and does not declare, and members of names: `process`, `process.exit`, `new Date()`, `shell: true`. */
  readonly uses: readonly string[];
}

interface Node {
  readonly type: string;
  readonly [key: string]: unknown;
}

/** All modules of a folder except tests and what only tests use. */
export function readModules(src: string): Module[] {
  return readdirSync(src, { recursive: true, encoding: 'utf8' })
    .map((file) => file.split(sep).join('/'))
    .filter((file) => /\.(tsx?|js|cjs)$/.test(file) && !/\.(d|test|suite|bench)\.tsx?$/.test(file))
    .toSorted()
    .map((file) => readModule(file, readFileSync(join(src, file), 'utf8')));
}

export function readModule(path: string, source: string): Module {
  const imports: Import[] = [];
  const uses: string[] = [];
  const declared = new Set<string>();
  visit(
    parseAst(source, {
      lang: langOf(path),
      sourceType: path.endsWith('.cjs') ? 'commonjs' : 'module',
    }) as unknown as Node,
    (node, key) => {
      const found = importOf(node);
      if (found) imports.push({ ...found, internal: found.target.startsWith('.'), target: resolve(path, found.target) });
      const use = useOf(node, key);
      if (use) uses.push(use);
      const name = declaredBy(node);
      if (name) declared.add(name);
    },
  );
  return { path, source, imports, uses: uses.filter((use) => !declared.has(use)) };
}

function langOf(path: string): 'tsx' | 'ts' | 'js' {
  if (path.endsWith('.tsx')) return 'tsx';
  return path.endsWith('.ts') ? 'ts' : 'js';
}

function resolve(from: string, specifier: string): string {
  return specifier.startsWith('.') ? posix.join(posix.dirname(from), specifier) : specifier;
}

function visit(node: Node, see: (node: Node, key: string) => void, key = ''): void {
  see(node, key);
  for (const [name, value] of Object.entries(node)) {
    if (isPlainName(node, name)) continue;
    for (const child of Array.isArray(value) ? value : [value]) if (isNode(child)) visit(child, see, name);
  }
}

/** The `b` of `a.b` and of `{ b: 1 }` refers to nothing by itself. */
function isPlainName(node: Node, key: string): boolean {
  if (node['computed'] === true) return false;
  return (
    (node.type === 'MemberExpression' && key === 'property') || (node.type === 'Property' && key === 'key' && node['shorthand'] !== true)
  );
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && typeof (value as Node).type === 'string';
}

function importOf(node: Node): Omit<Import, 'internal'> | undefined {
  switch (node.type) {
    case 'ImportDeclaration':
      return { target: text(node['source']), kind: isTypeOnly(node, 'importKind') ? 'type' : 'value', names: namesOf(node, 'imported') };
    case 'ExportAllDeclaration':
    case 'ExportNamedDeclaration':
      if (!isNode(node['source'])) return undefined;
      return { target: text(node['source']), kind: isTypeOnly(node, 'exportKind') ? 'type' : 'value', names: namesOf(node, 'local') };
    case 'ImportExpression':
      return { target: text(node['source']), kind: 'dynamic', names: [] };
    case 'TSImportType':
      return { target: text(node['source'] ?? node['argument']), kind: 'type', names: [] };
    case 'CallExpression':
      return isRequire(node) ? { target: text((node['arguments'] as unknown[])[0]), kind: 'dynamic', names: [] } : undefined;
    default:
      return undefined;
  }
}

/** `import { type A }` names types only, yet under verbatimModuleSyntax the module is still loaded: that is a value import. */
function isTypeOnly(node: Node, key: 'importKind' | 'exportKind'): boolean {
  return node[key] === 'type';
}

function namesOf(node: Node, key: 'imported' | 'local'): string[] {
  const specifiers = (node['specifiers'] ?? []) as Node[];
  return specifiers.map(({ [key]: named }) => (isNode(named) ? String(named['name']) : '*'));
}

function isRequire(node: Node): boolean {
  const callee = node['callee'] as Node;
  return callee.type === 'Identifier' && callee['name'] === 'require';
}

/** What is computed at run time is shown as such, and no rule takes it for something known. */
function text(source: unknown): string {
  return isNode(source) && typeof source['value'] === 'string' ? source['value'] : '<computed>';
}

function useOf(node: Node, key: string): string | undefined {
  if (node.type === 'Identifier' && key !== 'label') return String(node['name']);
  if (node.type === 'MemberExpression') return memberOf(node);
  if (node.type === 'NewExpression' && isNamed(node['callee'], 'Date') && (node['arguments'] as Node[]).length === 0) return 'new Date()';
  if (node.type === 'Property' && isNamed(node['key'], 'shell') && (node['value'] as Node)['value'] !== false) return 'shell: true';
  return undefined;
}

/** A function of its own called `process` is not Node's. */
function declaredBy(node: Node): string | undefined {
  if (!['FunctionDeclaration', 'VariableDeclarator', 'ImportSpecifier'].includes(node.type)) return undefined;
  const id = node['id'] ?? node['local'];
  return isNode(id) && id.type === 'Identifier' ? String(id['name']) : undefined;
}

function memberOf(node: Node): string | undefined {
  const object = node['object'] as Node;
  if (object.type !== 'Identifier') return undefined;
  const property = node['property'] as Node;
  return `${String(object['name'])}.${String(property['name'] ?? property['value'])}`;
}

function isNamed(node: unknown, name: string): boolean {
  return isNode(node) && (node['name'] === name || node['value'] === name);
}
