/** Source code as far as it can be read without a parser: what is no comment, and where a call ends. */

/** The same text with comments blanked out, so that offsets and lines stay. */
export function withoutComments(text: string, path: string): string {
  return path.endsWith('.py') ? blanked(text, pythonComment) : blanked(text, scriptComment);
}

/** Strings first, so that a `//` in an address is none; a text that ends with its line was none. */
const scriptComment = /'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\[\s\S])*`|(\/\/[^\n]*|\/\*[\s\S]*?\*\/)/g;
const pythonComment = /'''[\s\S]*?'''|"""[\s\S]*?"""|'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|(#[^\n]*)/g;

function blanked(text: string, pattern: RegExp): string {
  return text.replace(pattern, (whole, comment: string | undefined) => (comment === undefined ? whole : comment.replaceAll(/[^\n]/g, ' ')));
}

const longestCall = 4000;

/** From an opening bracket to the one that closes it, both included; as much as there is when none does. */
export function bracketed(text: string, open: number): string {
  let depth = 0;
  const end = Math.min(text.length, open + longestCall);
  for (let at = open; at < end; at += 1) {
    const character = text.charAt(at);
    if ('([{'.includes(character)) depth += 1;
    if (')]}'.includes(character)) depth -= 1;
    if (depth === 0) return text.slice(open, at + 1);
  }
  return text.slice(open, end);
}

/** For a name that goes into an expression. */
export function escaped(name: string): string {
  return name.replaceAll(/[$^.*+?()[\]{}|\\/]/g, String.raw`\$&`);
}
