/** What the errors of the YAML library mean to a person, by their code. */
import { isCollection, isScalar, visit, type Document, type ErrorCode as YamlCode } from 'yaml';
import type { Problem } from './issue.ts';
import { maxProblems } from './limits.ts';

const texts: Readonly<Partial<Record<YamlCode, readonly [message: string, fix: string]>>> = {
  TAB_AS_INDENT: ['a tab is used for indentation', 'replace the tab by spaces, as many as the lines beside it have'],
  BAD_INDENT: ['the indentation does not fit the lines around it', 'line it up with its neighbours, two spaces per level'],
  BAD_DQ_ESCAPE: ['an escape inside of double quotes is unknown', 'write `\\\\` for a backslash, or use single quotes'],
  BAD_SCALAR_START: ['a plain value cannot begin with this character', 'put the value in quotes'],
  BLOCK_AS_IMPLICIT_KEY: ['`key: value` stands inside of another value', 'put the value in quotes, or give each key a line of its own'],
  BLOCK_IN_FLOW: ['an indented block stands inside of brackets', 'close the bracket first, or write the content in brackets too'],
  KEY_OVER_1024_CHARS: ['a key has more than 1024 characters', 'shorten the key; perhaps a quote is not closed'],
  MISSING_CHAR: [
    'something is missing here: a quote, a bracket, a comma, a colon or a space',
    'close the quote or bracket, and write a space after each colon and comma',
  ],
  MULTILINE_IMPLICIT_KEY: ['a key goes over several lines', 'write `key: value` in one line; perhaps the colon is missing'],
  MULTIPLE_ANCHORS: ['a value has two anchors', 'keep one of them'],
  MULTIPLE_TAGS: ['a value has two tags', 'delete them'],
  ALIAS_PROPS: ['an alias cannot have an anchor or a tag', 'delete what stands before the alias'],
  UNEXPECTED_TOKEN: ['something stands after the end of the value', 'put the whole value in quotes, or delete what is too much'],
  BAD_ALIAS: ['this is no name of an alias', 'put the text in quotes if it is meant as text'],
  BAD_DIRECTIVE: ['a line that begins with % is not allowed here', 'delete the line'],
  TAG_RESOLVE_FAILED: ['a tag is not allowed here', 'delete the tag'],
};

export interface SyntaxProblem {
  readonly offset: number;
  readonly problem: Problem;
}

/** Where repair is certain to need one look only: later errors of these kinds mostly follow from the first. */
const contagious = new Set<YamlCode>(['BAD_INDENT', 'MISSING_CHAR', 'UNEXPECTED_TOKEN', 'MULTILINE_IMPLICIT_KEY']);

/** One mistake makes many errors. What is sure is the first one, and others of its kind that stand by themselves. */
export function syntaxProblems(document: Document.Parsed, text: string): SyntaxProblem[] {
  const [first] = document.errors;
  if (first === undefined) return [];
  const unclosed = contagious.has(first.code) ? unclosedProblem(document, text, first.pos[0]) : undefined;
  if (unclosed !== undefined) return [unclosed];
  const alike = contagious.has(first.code) ? [first] : document.errors.filter(({ code }) => code === first.code).slice(0, maxProblems);
  return alike.map(({ code, pos }) => ({ offset: pos[0], problem: missingSpace(code, text, pos[0]) ?? syntaxProblem(code) }));
}

function syntaxProblem(code: YamlCode): Problem {
  const [message, fix] = texts[code] ?? [
    'this is not YAML that can be read',
    'check the line: `key: value` pairs, lists with `- `, and text with special characters in quotes',
  ];
  return { code: code === 'TAB_AS_INDENT' ? 'GA1010' : 'GA1007', path: [], message, fix };
}

/** A quote or bracket without its end swallows what follows; the place to look at is where it begins. */
function unclosedProblem(document: Document.Parsed, text: string, before: number): SyntaxProblem | undefined {
  let found: SyntaxProblem | undefined;
  visit(document, {
    Node: (_key, node) => {
      const [start = 0, end = 0] = node.range ?? [];
      const opening = text.charAt(start);
      if (start < before && isUnclosed(node, opening, text.slice(start, end))) found = { offset: start, problem: unclosedText(opening) };
    },
  });
  return found;
}

const closing: Readonly<Record<string, string>> = { '[': ']', '{': '}', '"': '"', "'": "'" };

function isUnclosed(node: unknown, opening: string, source: string): boolean {
  const end = closing[opening];
  const delimited = isScalar(node)
    ? node.type === 'QUOTE_DOUBLE' || node.type === 'QUOTE_SINGLE'
    : isCollection(node) && node.flow === true;
  return delimited && end !== undefined && (source.trimEnd().length < 2 || !source.trimEnd().endsWith(end));
}

function unclosedText(opening: string): Problem {
  const what = opening === '"' || opening === "'" ? 'quote' : 'bracket';
  return {
    code: 'GA1007',
    path: [],
    message: `the ${what} ${opening} that begins here is not closed`,
    fix: `write ${closing[opening]} where it ends`,
  };
}

/** `port:8080` is one word to YAML, and a key without a value. */
function missingSpace(code: YamlCode, text: string, offset: number): Problem | undefined {
  if (code !== 'MULTILINE_IMPLICIT_KEY') return undefined;
  const match = /^\s*(?:- )?([A-Za-z_][\w-]*):([^\s/].*)$/.exec(lineAt(text, offset));
  if (match === null) return undefined;
  return { code: 'GA1007', path: [], message: 'a space is missing after the colon', fix: `write ${match[1]}: ${match[2]}` };
}

function lineAt(text: string, offset: number): string {
  const start = text.lastIndexOf('\n', offset - 1) + 1;
  const end = text.indexOf('\n', offset);
  return text.slice(start, end < 0 ? undefined : end);
}
