/** What differs between two releases: files, content, variables, secrets' versions and settings; pure. */
import { structuredPatch } from 'diff';
import type { TemplatePart } from '../../app/model.ts';
import { isSecretTemplate } from '../../app/references.ts';
import type { Engine } from '../../engines/engine.ts';
import { canonical } from '../../stack/names.ts';
import type { EngineName, ReleaseRef } from '../../stack/stack.ts';
import type { Target } from '../../targets/target.ts';
import type { Comparison, DiffLine, FileDiff, ValueDiff } from '../api/index.ts';

export interface Rendering {
  readonly target: Target;
  readonly engines: Readonly<Record<EngineName, Pick<Engine, 'render'>>>;
}

export type Differences = Pick<Comparison, 'content' | 'variables' | 'secrets' | 'settings' | 'files'>;

/** @param before undefined: there was none, so that everything is new */
export function differencesOf(before: ReleaseRef | undefined, after: ReleaseRef, rendering: Rendering): Differences {
  const values = (of: (ref: ReleaseRef) => Values): ValueDiff[] => valueDiffs(before === undefined ? new Map() : of(before), of(after));
  return {
    content: values(contentOf),
    variables: values(variablesOf),
    secrets: values(secretsOf),
    settings: values(settingsOf),
    files: fileDiffs(before === undefined ? new Map() : filesOf(before, after.id, rendering), filesOf(after, after.id, rendering)),
  };
}

/** By name. What is compared is not always what is shown. */
type Values = ReadonlyMap<string, Value>;

interface Value {
  readonly shown: string;
  readonly compared: string;
}

const longestValue = 2_000;

function value(shown: string, compared: string = shown): Value {
  return { shown: shown.length > longestValue ? `${shown.slice(0, longestValue)} ...` : shown, compared };
}

function valueDiffs(before: Values, after: Values): ValueDiff[] {
  const names = [...new Set([...before.keys(), ...after.keys()])].toSorted();
  const changed = names.filter((name) => before.get(name)?.compared !== after.get(name)?.compared);
  return changed.map((name) => ({ name, before: before.get(name)?.shown ?? null, after: after.get(name)?.shown ?? null }));
}

function contentOf({ content }: ReleaseRef): Values {
  return new Map(Object.entries(content).map(([service, { address }]) => [service, value(address)]));
}

function secretsOf({ secrets }: ReleaseRef): Values {
  return new Map(Object.entries(secrets).map(([name, version]) => [name, value(`version ${version}`)]));
}

const masked = 'secret';

function variablesOf({ app }: ReleaseRef): Values {
  const all = Object.values(app.services).flatMap((service) => [
    ...Object.entries(service.variables).map(([name, template]): [string, Value] => {
      const text = template.map(partText).join('');
      const compared = `value ${canonical(template)}`;
      return [`${service.name}.${name}`, isSecretTemplate(template, app) ? value(masked, compared) : value(text, compared)];
    }),
    ...service.secrets.map((name): [string, Value] => [`${service.name}.${name}`, value(masked)]),
  ]);
  return new Map(all);
}

function partText(part: TemplatePart): string {
  return typeof part === 'string' ? part : `\${${part.name}.${part.attribute}}`;
}

/** All that the app and its environment say, but for names, variables and secrets. `backend.scale.max`, `release.budget`, `environment.domain` */
function settingsOf({ app, env }: ReleaseRef): Values {
  const { services, resources, smoke, release } = app;
  const values = new Map<string, Value>();
  for (const { name, variables: _variables, secrets: _secrets, ...service } of Object.values(services)) collect(service, name, values);
  for (const { name, ...resource } of Object.values(resources)) collect(resource, name, values);
  const { name: _name, ...environment } = env;
  collect({ smoke, release, environment }, '', values);
  return values;
}

function collect(found: unknown, path: string, into: Map<string, Value>): void {
  if (found === undefined) return;
  if (Array.isArray(found) && !found.every((one) => typeof one === 'string'))
    return found.forEach((one, index) => collect(one, `${path}[${index}]`, into));
  if (typeof found !== 'object' || found === null || Array.isArray(found)) return void into.set(path, value(scalarText(found)));
  for (const [key, one] of Object.entries(found)) collect(one, path === '' ? key : `${path}.${key}`, into);
}

/** Words of a command as one would type them, where that is not ambiguous. */
function scalarText(found: unknown): string {
  if (Array.isArray(found)) return found.every((word) => /^[^\s"'[\]]+$/.test(word as string)) ? found.join(' ') : JSON.stringify(found);
  return typeof found === 'string' ? found : JSON.stringify(found);
}

/**
 * As the engines write them, at rest, by stack and path. The id says only that something differs, and replicas to start with are no part
 * of a release: neither is told.
 */
function filesOf(ref: ReleaseRef, id: string, { target, engines }: Rendering): ReadonlyMap<string, string> {
  const content = { live: ref.content, next: {} };
  const files = target
    .compile({ live: { ...ref, id, counts: {} } })
    .flatMap((stack) =>
      Object.entries(engines[stack.engine].render(stack, content)).map(([path, text]) => [`${stack.id}/${path}`, text] as const),
    );
  return new Map(files);
}

function fileDiffs(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): FileDiff[] {
  const paths = [...new Set([...before.keys(), ...after.keys()])].toSorted();
  return paths.flatMap((path): FileDiff[] => {
    const [old, young] = [before.get(path), after.get(path)];
    if (old === young) return [];
    const kind = old === undefined ? 'added' : young === undefined ? 'removed' : 'changed';
    return [{ path, kind, hunks: hunksOf(old ?? '', young ?? '') }];
  });
}

const contextLines = 3;
/** Two files that have little in common take long to compare, and nothing can be learned from it. */
const mostMs = 250;

function hunksOf(before: string, after: string): DiffLine[][] {
  const patch = structuredPatch('', '', before, after, undefined, undefined, { context: contextLines, timeout: mostMs });
  if (patch === undefined) return [[...linesOf(before, '-'), ...linesOf(after, '+')]];
  return patch.hunks.map(({ oldStart, newStart, lines }) => numbered(lines, oldStart, newStart));
}

function linesOf(text: string, sign: '-' | '+'): DiffLine[] {
  const lines = text.split('\n').map((line) => `${sign}${line}`);
  return numbered(text.endsWith('\n') ? lines.slice(0, -1) : lines, 1, 1);
}

/** @param lines with their sign in front; one that says that the end of a file has no line break has another one */
function numbered(lines: readonly string[], oldStart: number, newStart: number): DiffLine[] {
  let [before, after] = [oldStart, newStart];
  return lines.flatMap((line): DiffLine[] => {
    const [sign, text] = [line.charAt(0), value(line.slice(1)).shown];
    if (sign === '-') return [{ sign, text, before: before++, after: null }];
    if (sign === '+') return [{ sign, text, before: null, after: after++ }];
    return sign === ' ' ? [{ sign, text, before: before++, after: after++ }] : [];
  });
}
