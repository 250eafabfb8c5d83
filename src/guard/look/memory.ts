/** Variables of a module, and fields of its only object of a class, that requests write to. */
import { escaped } from './code.ts';
import { lineAt, type TextFile } from './files.ts';

export interface Held {
  readonly name: string;
  readonly path: string;
  readonly line: number;
}

/** Something answers requests that change data. */
const writing =
  /\.(?:post|put|patch|delete)\s*\(\s*['"`/]|['"`](?:POST|PUT|PATCH|DELETE)\b|\bmethods\s*=\s*[[(][^\])]*['"](?:POST|PUT|PATCH|DELETE)|^\s*@\w+\.(?:post|put|patch|delete)\(|django\.contrib\.admin/m;

export function writesData(text: string): boolean {
  return writing.test(text);
}

/** What these names are for may be lost with the replica: each has its own and needs no other. */
const passing =
  /cache|memo|pool|client|socket|connection|subscri|listener|handler|observer|watcher|hook|route|middleware|plugin|registr|queue|pending|in_?flight|lock|timer|timeout|interval|metric|counter|gauge|stat(?:s|istics)$|sample|histogram|duration|latenc|limit|bucket|attempt|seen|visited|log|error|warning|buffer|chunk|args|argv|option|config|header|schema|template|module|import|export|signal|abort|cleanup|stream|worker|promise|request|response|parser|loader|resolver|emitter|bus|hub|meter|pubsub/i;

const variable =
  /^(?:export\s+)?(?:const|let|var)\s+([A-Za-z_$][\w$]*)\s*(?::[^=\n]+)?=\s*(?:\[|new\s+(?:Map|Set|Array)\b|\{\s*\}|\{\s*\n(?=\s+\w+:\s*\[)|Object\.create\(null\))/gm;
const pythonVariable = /^([A-Za-z_]\w*)\s*(?::[^=\n]+)?=\s*(?:\[|\{|dict\(|list\(|defaultdict\()/gm;
const field =
  /^\s+(?:(?:private|protected|public|readonly)\s+)*(?:this\.)?(#?[A-Za-z_$][\w$]*)\s*(?::[^=;\n]+)?=\s*(?:\[\]|new\s+Map(?:<[^\n(]*>)?\(\)|\{\})\s*;?\s*$/gm;

/** In the order of the files. */
export function heldInMemory(files: readonly TextFile[]): readonly Held[] {
  return files.flatMap((file) =>
    file.path.endsWith('.py') ? pythonHeld(file) : [...variablesHeld(file, files), ...fieldsHeld(file, files)],
  );
}

function variablesHeld(file: TextFile, files: readonly TextFile[]): Held[] {
  return declared(file, variable).filter(({ name }) => files.some((other) => isChanged(name, other, file)));
}

function declared({ path, text }: TextFile, pattern: RegExp): Held[] {
  return [...text.matchAll(pattern)]
    .map((match) => ({ name: match[1] ?? '', path, line: lineAt(text, match.index + match[0].search(/\S/)) }))
    .filter(({ name }) => name !== '' && !passing.test(name));
}

/** Lines without indentation run once, when the module is loaded: what they fill is no data of people. */
function isChanged(name: string, { path, text }: TextFile, home: TextFile): boolean {
  if (!text.includes(name) || (path !== home.path && !isImported(name, text))) return false;
  const own = escaped(name);
  const change = new RegExp(
    String.raw`(?<![\w$.])${own}(?:\.\w+)?(?:\.(?:push|unshift|splice|set|add)\s*\(|\[[^\n=]+\]\s*=(?!=))|(?<![\w$.])${own}\s*=\s*(?:${own}\.|\[\s*\.\.\.${own})`,
  );
  return text.split('\n').some((line) => change.test(line) && (/^\s/.test(line) || isHandler(line)));
}

function isImported(name: string, text: string): boolean {
  return new RegExp(
    String.raw`(?:import\s[^;]*?|(?:const|let|var)\s*\{[^}]*)(?<![\w$])${escaped(name)}(?![\w$])[^;]*?(?:from|require)`,
  ).test(text);
}

/** `app.post('/todos', (req, res) => todos.push(req.body))` */
function isHandler(line: string): boolean {
  return /^\w+\.(?:get|post|put|patch|delete|use|all|on)\s*\(/.test(line) && /=>|function/.test(line);
}

/** A class counts when a module keeps one object of it. */
function fieldsHeld(file: TextFile, files: readonly TextFile[]): Held[] {
  const { text } = file;
  return declared(file, field).filter(({ name, line }) => {
    const owner = classAt(text, line);
    if (owner === undefined || passing.test(owner) || !files.some((other) => isSingle(owner, other.text))) return false;
    return new RegExp(String.raw`this\.${escaped(name)}(?:\.(?:push|unshift|splice|set)\s*\(|\[[^\n=]+\]\s*=(?!=))`).test(text);
  });
}

function classAt(text: string, line: number): string | undefined {
  const before = text.split('\n').slice(0, line).join('\n');
  return [...before.matchAll(/^(?:export\s+)?(?:default\s+)?(?:abstract\s+)?class\s+([A-Za-z_$][\w$]*)/gm)].at(-1)?.[1];
}

function isSingle(owner: string, text: string): boolean {
  return new RegExp(
    String.raw`^(?:(?:export\s+)?(?:const|let|var)\s+[\w$]+\s*(?::[^=\n]+)?=|export\s+default|module\.exports\s*=)\s*new\s+${escaped(owner)}\b`,
    'm',
  ).test(text);
}

function pythonHeld(file: TextFile): Held[] {
  return declared(file, pythonVariable).filter(({ name }) => isWrittenTo(escaped(name), file.text));
}

function isWrittenTo(own: string, text: string): boolean {
  return new RegExp(
    String.raw`^[ \t]+(?:.*[^\w.])?${own}(?:\.(?:append|insert|extend|update|setdefault|add)\s*\(|\[[^\n=]+\]\s*=(?!=))`,
    'm',
  ).test(text);
}
