/** What the errors of the YAML library mean to a person, by their code. */
import type { ErrorCode as YamlCode } from 'yaml';
import type { Problem } from './issue.ts';

const texts: Readonly<Partial<Record<YamlCode, readonly [message: string, fix: string]>>> = {
  TAB_AS_INDENT: ['a tab is used for indentation', 'indent with spaces: replace the tab by two spaces'],
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
  BAD_ALIAS: ['this is no name of an alias', 'put the text in quotes if it is meant as text'],
  BAD_DIRECTIVE: ['a line that begins with % is not allowed here', 'delete the line'],
  TAG_RESOLVE_FAILED: ['a tag is not allowed here', 'delete the tag'],
};

export function syntaxProblem(code: YamlCode): Problem {
  const [message, fix] = texts[code] ?? [
    'this is not YAML that can be read',
    'check the line: `key: value` pairs, lists with `- `, and text with special characters in quotes',
  ];
  return { code: code === 'TAB_AS_INDENT' ? 'GA1010' : 'GA1007', path: [], message, fix };
}
