/**
 * The exact reader: YAML 1.2 core with positions, for files in which something is wrong or doubtful.
 * It bounds depth while it reads, so that hostile nesting never reaches the recursive part of the library.
 */
import {
  Composer,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  Lexer,
  LineCounter,
  Parser,
  type Alias,
  type Document,
  type Pair,
  type ParsedNode,
  type Scalar,
  type YAMLMap,
} from 'yaml';
import type { Path, Placed, Position, Problem } from './issue.ts';
import { maxAliases, maxDepth, maxMarks, maxPieces, maxProblems, maxValues } from './limits.ts';
import { isOddNumber } from './yaml.ts';
import { syntaxProblems } from './yaml-errors.ts';

export interface OddNumber {
  readonly path: Path;
  /** As it stands in the file. */
  readonly source: string;
}

export interface Reading {
  readonly value: unknown;
  /** Numbers whose text would change if they were written back. */
  readonly oddNumbers: readonly OddNumber[];
  /** Where a key or value stands; for what is not there, the nearest thing around it. */
  locate(path: Path, at?: 'key' | 'value'): Position;
}

export type ExactResult = Reading | { readonly problems: readonly Placed[] };

type Node = ParsedNode | Alias.Parsed | null | undefined;

export function readExact(text: string): ExactResult {
  const lines = new LineCounter();
  const tokens = tokenise(text, lines);
  if ('refused' in tokens) return { problems: [place(lines, tokens.offset, tokens.refused)] };
  const composer = new Composer({ version: '1.2', schema: 'core', uniqueKeys: false, prettyErrors: false, logLevel: 'silent' });
  const documents = [...composer.compose(tokens.list, true, text.length)];
  const [document] = documents;
  const second = documents[1];
  if (second !== undefined) return { problems: [place(lines, second.range[0], severalDocuments)] };
  if (document !== undefined && document.errors.length > 0) return { problems: errorProblems(document, text, lines) };
  if (document === undefined || document.contents === null || isEmpty(document.contents)) return { problems: [place(lines, 0, emptyFile)] };
  return convertDocument(document, lines);
}

type Tokens = { readonly list: Parameters<Composer['next']>[0][] } | { readonly offset: number; readonly refused: Problem };

/** Stops at the first piece that is too deep or too often: the rest of the library would take its time for it. */
function tokenise(text: string, lines: LineCounter): Tokens {
  const parser = new Parser(lines.addNewLine);
  const list: Parameters<Composer['next']>[0][] = [];
  let marks = 0;
  let pieces = 0;
  lines.addNewLine(0);
  for (const lexeme of new Lexer().lex(text)) {
    list.push(...parser.next(lexeme));
    if (/^([&!%]|---$|\.\.\.$)/.test(lexeme)) marks++;
    if (parser.stack.length > 2 * maxDepth + 2) return { offset: parser.offset, refused: deepProblem([]) };
    if (marks > maxMarks) return { offset: parser.offset, refused: tooManyMarks };
    if (++pieces > maxPieces) return { offset: parser.offset, refused: tooManyPieces };
  }
  list.push(...parser.end());
  return { list };
}

function isEmpty(node: ParsedNode): boolean {
  return isScalar(node) && node.value === null && node.source === '';
}

const deepProblem = (path: Path): Problem => ({
  code: 'GA1009',
  path: path.slice(0, 3),
  message: `the nesting is deeper than ${maxDepth} levels`,
  fix: 'look for a bracket that is not closed, or an anchor that contains itself; the file format itself needs 6 levels',
});

const tooManyMarks: Problem = {
  code: 'GA1009',
  path: [],
  message: `more than ${maxMarks} anchors, tags and document borders`,
  fix: 'write plain keys and values; the file format needs none of them',
};

const tooManyPieces: Problem = {
  code: 'GA1009',
  path: [],
  message: `the file has more than ${maxPieces} words and signs`,
  fix: 'keep only the description of the app in this file; data and generated content belong elsewhere',
};

const severalDocuments: Problem = {
  code: 'GA1009',
  path: [],
  message: 'a second document begins here',
  fix: 'keep one document per file: delete the line `---` and what belongs to the other document',
};

const emptyFile: Problem = {
  code: 'GA1011',
  path: [],
  message: 'the file is empty',
  fix: 'begin with `gantry: 1`, `app: NAME` and `services:`, or run `gantry init` in the folder of the app',
};

/** The first problem of each line. */
function errorProblems(document: Document.Parsed, text: string, lines: LineCounter): Placed[] {
  const byLine = new Map<number, Placed>();
  for (const { offset, problem } of syntaxProblems(document, text)) {
    const found = place(lines, offset, problem);
    if (!byLine.has(found.position.line)) byLine.set(found.position.line, found);
  }
  return [...byLine.values()];
}

function place(lines: LineCounter, offset: number, problem: Problem): Placed {
  return { ...problem, position: position(lines, offset) };
}

function position(lines: LineCounter, offset: number): Position {
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(1, line), column: Math.max(1, col) };
}

interface Conversion {
  readonly document: Document.Parsed;
  readonly lines: LineCounter;
  readonly problems: Placed[];
  readonly oddNumbers: OddNumber[];
  aliases: number;
  values: number;
}

function convertDocument(document: Document.Parsed, lines: LineCounter): ExactResult {
  const conversion: Conversion = { document, lines, problems: [], oddNumbers: [], aliases: 0, values: 0 };
  const value = convert(conversion, document.contents, []);
  if (conversion.problems.length > 0) return { problems: conversion.problems };
  return { value, oddNumbers: conversion.oddNumbers, locate: (path, at) => locate(conversion, path, at ?? 'value') };
}

function report(conversion: Conversion, node: Node, problem: Problem): undefined {
  if (conversion.problems.length < maxProblems) conversion.problems.push(place(conversion.lines, node?.range?.[0] ?? 0, problem));
  return undefined;
}

/** Stops all further work: the limits are for the whole file. */
function exhausted(conversion: Conversion, node: Node, path: Path): boolean {
  conversion.values++;
  if (conversion.problems.length >= maxProblems) return true;
  const tooMany = conversion.values > maxValues || conversion.aliases > maxAliases;
  if (tooMany && !conversion.problems.some((problem) => problem.code === 'GA1009')) {
    const message =
      conversion.aliases > maxAliases ? `more than ${maxAliases} aliases are used` : `the file stands for more than ${maxValues} values`;
    report(conversion, node, { code: 'GA1009', path, message, fix: 'write the values out, or share less through anchors' });
  }
  return tooMany;
}

function convert(conversion: Conversion, node: Node, path: Path, depth = 0): unknown {
  if (exhausted(conversion, node, path)) return undefined;
  if (depth > maxDepth) return report(conversion, node, deepProblem(path));
  if (isAlias(node)) return convertAlias(conversion, node, path, depth);
  if (node?.tag !== undefined) return report(conversion, node, tagProblem(node.tag, path));
  if (isMap(node)) return convertMap(conversion, node, path, depth);
  if (isSeq(node)) return node.items.map((item, index) => convert(conversion, item as Node, [...path, index], depth + 1));
  return isScalar(node) ? convertScalar(conversion, node, path) : null;
}

function convertAlias(conversion: Conversion, alias: Alias.Parsed, path: Path, depth: number): unknown {
  conversion.aliases++;
  const target = alias.resolve(conversion.document) as Node;
  if (target !== undefined) return convert(conversion, target, path, depth + 1);
  return report(conversion, alias, {
    code: 'GA1007',
    path,
    message: `the alias *${alias.source} has no anchor above it`,
    fix: `write &${alias.source} before the value that it stands for, or quote the text`,
  });
}

function convertMap(conversion: Conversion, map: YAMLMap.Parsed, path: Path, depth: number): Record<string, unknown> {
  const own = new Map<string, unknown>();
  const merged: unknown[] = [];
  for (const pair of map.items) {
    const key = keyText(conversion, pair, path);
    if (key === undefined) continue;
    if (isMerge(pair)) merged.push(...mergedMaps(conversion, pair, path, depth));
    else if (own.has(key)) report(conversion, pair.key, duplicateProblem(key, path, firstLine(conversion, map, key)));
    else own.set(key, convert(conversion, pair.value, [...path, key], depth + 1));
  }
  return Object.fromEntries([...merged.toReversed().flatMap((map) => Object.entries(map as object)), ...own]);
}

function isMerge(pair: Pair): boolean {
  return isScalar(pair.key) && pair.key.value === '<<' && pair.key.type === 'PLAIN';
}

function mergedMaps(conversion: Conversion, pair: Pair, path: Path, depth: number): Record<string, unknown>[] {
  const value = convert(conversion, pair.value as Node, path, depth + 1);
  const maps = Array.isArray(value) ? value : [value];
  if (maps.every(isRecord)) return maps;
  if (conversion.problems.length === 0)
    report(conversion, pair.key as Node, {
      code: 'GA1007',
      path,
      message: '`<<` takes a mapping',
      fix: 'give it an alias of a mapping, such as `<<: *defaults`, or a list of such aliases',
    });
  return [];
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The key as text. Keys that are no text, or that scripts treat as special, are reported. */
function keyText(conversion: Conversion, pair: Pair, path: Path): string | undefined {
  const key = pair.key as Node;
  const target = isAlias(key) ? (key.resolve(conversion.document) as Node) : key;
  if (!isScalar(target) || target.value === null || target.tag !== undefined)
    return report(conversion, key ?? (pair.value as Node), {
      code: 'GA1012',
      path,
      message: 'a key here is no text',
      fix: 'give every value a key of plain text: `key: value`',
    });
  const text = isOdd(target) ? (target.source ?? '') : String(target.value);
  if (text === '__proto__')
    return report(conversion, key, {
      code: 'GA1012',
      path: [...path, text],
      message: 'the key __proto__ is not allowed',
      fix: 'delete it or choose another name',
    });
  return text;
}

function duplicateProblem(key: string, path: Path, line: number): Problem {
  return {
    code: 'GA1008',
    path: [...path, key],
    message: `the key is given twice, first in line ${line}`,
    fix: 'delete one of the two, or rename it',
  };
}

function firstLine(conversion: Conversion, map: YAMLMap.Parsed, key: string): number {
  return position(conversion.lines, rangeOf(pairsOf(map).get(key)?.key as Node) ?? 0).line;
}

function tagProblem(tag: string, path: Path): Problem {
  const shown = tag.startsWith('tag:yaml.org,2002:') ? `!!${tag.slice(18)}` : tag;
  return {
    code: 'GA1012',
    path,
    message: `the tag ${shown.slice(0, 40)} is not allowed`,
    fix: 'delete the tag; text that could be read as a number goes in quotes',
  };
}

function convertScalar(conversion: Conversion, scalar: Scalar.Parsed, path: Path): unknown {
  const { value } = scalar;
  if (typeof value === 'number' && !Number.isFinite(value))
    return report(conversion, scalar, {
      code: 'GA1012',
      path,
      message: `${scalar.source} is no number that can be used`,
      fix: 'write a plain number, or put the text in quotes',
    });
  if (isOdd(scalar)) conversion.oddNumbers.push({ path, source: scalar.source });
  return value;
}

function isOdd(scalar: Scalar.Parsed): boolean {
  return scalar.type === 'PLAIN' && typeof scalar.value === 'number' && isOddNumber(scalar.source);
}

function locate(conversion: Conversion, path: Path, at: 'key' | 'value'): Position {
  let node: Node = conversion.document.contents;
  let offset = rangeOf(node) ?? 0;
  for (const [index, step] of path.entries()) {
    const child = childOf(conversion, node, step);
    if (child === undefined) break;
    const last = index === path.length - 1;
    const value = rangeOf(child.value);
    const atKey = (last && at === 'key') || value === undefined || isBlock(child.value);
    offset = (atKey ? rangeOf(child.key) : value) ?? value ?? offset;
    node = child.value;
  }
  return position(conversion.lines, offset);
}

interface Child {
  readonly key?: Node;
  readonly value: Node;
}

function childOf(conversion: Conversion, parent: Node, step: string | number): Child | undefined {
  const node = resolved(conversion, parent);
  if (isSeq(node) && typeof step === 'number') return step < node.items.length ? { value: node.items[step] as Node } : undefined;
  if (!isMap(node)) return undefined;
  const pair = pairsOf(node).get(String(step));
  if (pair !== undefined) return { key: pair.key as Node, value: pair.value as Node };
  return mergedChild(conversion, node, step);
}

/** A key that comes from a merge is shown where it is written. */
function mergedChild(conversion: Conversion, map: YAMLMap.Parsed, step: string | number): Child | undefined {
  for (const pair of map.items.filter(isMerge)) {
    const value = resolved(conversion, pair.value);
    for (const source of isSeq(value) ? value.items : [value]) {
      const child = childOf(conversion, source, step);
      if (child !== undefined) return child;
    }
  }
  return undefined;
}

function resolved(conversion: Conversion, node: Node): Node {
  return isAlias(node) ? (node.resolve(conversion.document) as Node) : node;
}

const indexes = new WeakMap<YAMLMap.Parsed, ReadonlyMap<string, Pair>>();

function pairsOf(map: YAMLMap.Parsed): ReadonlyMap<string, Pair> {
  const known = indexes.get(map);
  if (known !== undefined) return known;
  const index = new Map<string, Pair>();
  for (const pair of map.items) {
    const key = isScalar(pair.key) ? String(pair.key.value) : '';
    if (!index.has(key) && !isMerge(pair)) index.set(key, pair);
  }
  indexes.set(map, index);
  return index;
}

function isBlock(node: Node): boolean {
  return (isMap(node) || isSeq(node)) && node.flow !== true;
}

function rangeOf(node: Node): number | undefined {
  return isScalar(node) && node.source === '' && node.type === 'PLAIN' ? undefined : (node?.range?.[0] ?? undefined);
}
