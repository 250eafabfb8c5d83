/** What the schema has against a value, in words for people. Loaded only when something is wrong. */
import type { z } from 'zod';
import type { Path, Problem } from './issue.ts';
import { maxProblems } from './limits.ts';
import { repair } from './repair.ts';
import { childKeys, describe, schemaAt } from './schema-walk.ts';
import { meant, nearest } from './suggest.ts';

type Issue = z.core.$ZodIssue;

/** All problems of a value with its schema, in the order of the schema. Paths begin with `base`. */
export function judge(schema: z.ZodType, value: unknown, base: Path = []): Problem[] {
  const result = schema.safeParse(value, { reportInput: true });
  return result.success
    ? []
    : result.error.issues
        .slice(0, maxProblems)
        .flatMap((issue) => problemsOf(schema, value, issue, []))
        .map((problem) => ({ ...problem, path: [...base, ...problem.path] }));
}

function problemsOf(schema: z.ZodType, root: unknown, issue: Issue, base: Path): Problem[] {
  const path = [...base, ...(issue.path as (string | number)[])];
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.slice(0, maxProblems).map((key) => unknownKey(key, path, childKeys(schemaAt(schema, path, root))));
    case 'invalid_union':
      return unionProblems(schema, root, issue, path);
    case 'invalid_key':
      return [badKey(path, issue.issues[0]?.message ?? 'a valid name')];
    default:
      return [valueProblem(schema, root, issue, path)];
  }
}

function unknownKey(key: string, path: Path, known: readonly string[]): Problem {
  const hit = meant(key, known);
  const own = path.length === 0 ? ', or begin it with x- if it is a note of your own' : '';
  const fix = hit === undefined ? `delete the key${own}; known here: ${known.join(', ')}` : `write "${hit}" instead of "${key}"`;
  return {
    code: 'GA1003',
    path: [...path, key],
    at: 'key',
    message: `unknown key${hit === undefined ? '' : `; did you mean "${hit}"?`}`,
    fix,
  };
}

/** The branch that fits best speaks: one whose type matches and that complains about something inside. */
function unionProblems(schema: z.ZodType, root: unknown, issue: z.core.$ZodIssueInvalidUnion, path: Path): Problem[] {
  const inner = issue.errors.find((branch) => branch.length > 0 && branch.every((entry) => fits(entry)));
  if (inner === undefined) return [valueProblem(schema, root, issue, path)];
  return inner.flatMap((entry) => problemsOf(schema, root, entry, path));
}

function fits(issue: Issue): boolean {
  return (
    issue.path.length > 0 ||
    issue.code === 'unrecognized_keys' ||
    (issue.code !== 'invalid_type' && issue.code !== 'invalid_union' && issue.code !== 'invalid_value')
  );
}

function badKey(path: Path, expected: string): Problem {
  const key = String(path.at(-1));
  return {
    code: 'GA1006',
    path,
    at: 'key',
    message: `${shown(key)} is not ${expected}`,
    fix: `rename it${suggestion(repair(expected, key))}`,
  };
}

function suggestion(value: string | undefined): string {
  return value === undefined ? ', with letters from a to z' : `, for example to ${value}`;
}

function valueProblem(schema: z.ZodType, root: unknown, issue: Issue, path: Path): Problem {
  const value = valueAt(root, path);
  if (value === undefined) return missingKey(schema, root, path);
  const expected = expectation(issue);
  const code = issue.code === 'invalid_type' || issue.code === 'invalid_union' ? 'GA1004' : 'GA1006';
  const mended =
    (issue.code === 'invalid_value' && typeof value === 'string' ? nearest(value, issue.values.map(String)) : undefined) ??
    repair(expected, value);
  const fix = mended === undefined ? `write ${expected}${hint(schema, root, path)}` : `write ${mended}`;
  return { code, path, message: `expected ${expected}, found ${found(value)}${foreignLetters(value)}`, fix };
}

const types: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping',
  record: 'a mapping',
};

/** What belongs there. Schemas of this project say so themselves; of others the kind of the issue tells. */
function expectation(issue: Issue): string {
  if (!/^(Invalid|Too) /.test(issue.message)) return issue.message;
  switch (issue.code) {
    case 'invalid_type':
      return types[issue.expected] ?? issue.expected;
    case 'too_small':
      return `at least ${issue.minimum}`;
    case 'too_big':
      return `at most ${issue.maximum}`;
    case 'invalid_value':
      return issue.values.map(String).join(' or ');
    default:
      return 'another value';
  }
}

function missingKey(schema: z.ZodType, root: unknown, path: Path): Problem {
  const key = String(path.at(-1));
  const { description, example } = describe(schemaAt(schema, path, root));
  const sample = example === undefined ? `"${key}"` : `\`${key}: ${example}\``;
  return {
    code: 'GA1005',
    path: path.slice(0, -1),
    at: 'key',
    message: `"${key}" is missing`,
    fix: `add ${sample}${description === undefined ? '' : ` (${lowerFirst(description)})`}`,
    absent: [path],
  };
}

/** An example, or else what the reference says about the key. */
function hint(schema: z.ZodType, root: unknown, path: Path): string {
  const { example, description } = describe(schemaAt(schema, path, root));
  if (example !== undefined) return `, for example ${example}`;
  return description === undefined || path.length === 0 ? '' : ` (${lowerFirst(description)})`;
}

/** Letters that may look like others. */
function foreignLetters(value: unknown): string {
  const letter = typeof value === 'string' ? /[^\x00-\x7F]/u.exec(value)?.[0] : undefined;
  return letter === undefined ? '' : ` (it contains the character U+${letter.codePointAt(0)?.toString(16).toUpperCase().padStart(4, '0')})`;
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1).replace(/\.$/, '');
}

export function valueAt(root: unknown, path: Path): unknown {
  let value = root;
  for (const key of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<string | number, unknown>)[key];
  }
  return value;
}

/** What is there, short enough for one line: `the text "8080"`, `a list`, `nothing`. */
export function found(value: unknown): string {
  if (value === null) return 'nothing';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  if (typeof value === 'object') return Object.keys(value).length === 0 ? 'an empty mapping' : 'a mapping';
  return typeof value === 'string' ? `the text ${shown(value)}` : String(value);
}

function shown(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 57)}...` : text);
}
