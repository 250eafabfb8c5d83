/** Whether a text looks like a real secret. What it is never leaves this file. */

interface Format {
  /** Every secret of the format contains one of these: looking for them is quicker than the pattern. */
  readonly marks: readonly string[];
  readonly pattern: RegExp;
  readonly name: string;
}

/** Formats that nothing else has, with the name that people know them by. */
const formats: readonly Format[] = [
  { marks: ['PRIVATE KEY'], pattern: /-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----/, name: 'a private key' },
  { marks: ['AKIA', 'ASIA'], pattern: /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/, name: 'a cloud access key' },
  { marks: ['gh', 'github_pat_'], pattern: /\bgh[pousr]_[A-Za-z0-9]{36,}\b|\bgithub_pat_\w{50,}\b/, name: 'a GitHub token' },
  { marks: ['glpat-'], pattern: /\bglpat-[\w-]{20,}/, name: 'a GitLab token' },
  { marks: ['k_live_'], pattern: /\b[sr]k_live_[A-Za-z0-9]{16,}\b/, name: 'a live Stripe key' },
  { marks: ['xox'], pattern: /\bxox[abprs]-[A-Za-z0-9-]{20,}/, name: 'a Slack token' },
  { marks: ['sk-'], pattern: /\bsk-(?:ant-|proj-)?(?=[\w-]*\d)[A-Za-z0-9_-]{32,}\b/, name: 'an API key' },
  { marks: ['AIza'], pattern: /\bAIza[\w-]{35}\b/, name: 'a Google API key' },
  { marks: ['npm_'], pattern: /\bnpm_[A-Za-z0-9]{36}\b/, name: 'an npm token' },
  { marks: ['SG.'], pattern: /\bSG\.[\w-]{16,}\.[\w-]{32,}/, name: 'a SendGrid key' },
  { marks: ['eyJ'], pattern: /\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{20,}/, name: 'a signed token' },
];

/** What kind of secret a text contains; undefined when it has no known format. */
export function knownSecret(text: string): string | undefined {
  return formats.find(({ marks, pattern }) => marks.some((mark) => text.includes(mark)) && pattern.test(text))?.name;
}

const secretName =
  /(?:^|_)(?:PASS|PASSWD|PASSWORD|PASSPHRASE|PWD|SECRET|TOKEN|APIKEY|KEY|CREDENTIALS?|SALT|PRIVATE|AUTH|SIGNING|DSN)(?:_|$)/i;
const publicName =
  /(?:^|_)(?:PUBLIC|PUBLISHABLE|FILE|PATH|NAME|ID|URL|HOST|PORT|TTL|MAX|MIN|LENGTH|SIZE|ALGORITHM|ISSUER|AUDIENCE|HEADER|PREFIX|TYPE|ENABLED|METHOD|MODE|PROVIDER|SCHEME|REALM|SCOPE|DOMAIN|REGION|VERSION)(?:_|$)|^(?:VITE|REACT_APP|NEXT_PUBLIC|EXPO_PUBLIC)_/i;
const placeholder =
  /^(?:change[-_ ]?(?:me|it|this)|your[-_ ].*|my[-_ ]?(?:secret|password|key)|example.*|sample.*|dummy.*|test(?:ing)?.*|dev(?:elopment)?.*|local.*|secret|password|postgres|root|admin|user|none|null|true|false|todo|replace.*|insert.*|placeholder.*|fake.*|not[-_ ]?.*secret.*|x{3,}|\*{3,}|\.{3,}|<.*>|\$.*|\{\{.*\}\})$/i;
const credentialsInUrl = /^[a-z][a-z0-9+.-]*:\/\/[^/\s:@]*:([^/\s@]+)@([^/\s:?]+)/i;
const nearHost = /^(?:localhost|127\.\d+\.\d+\.\d+|\[?::1\]?|host\.docker\.internal|[a-z][a-z0-9-]*)$/i;
const shortest = 12;
const fewestBits = 3;

/** What a value that stands under a name looks like; undefined when it may well be an example, a setting or a reference. */
export function secretIn(name: string, value: string): string | undefined {
  if (value.length < shortest) return undefined;
  const known = knownSecret(value);
  if (known !== undefined) return known;
  const [, password, host = ''] = credentialsInUrl.exec(value) ?? [];
  if (password !== undefined) return placeholder.test(password) || nearHost.test(host) ? undefined : 'an address with a real password';
  if (!secretName.test(name) || publicName.test(name) || placeholder.test(value)) return undefined;
  return isRandom(value.trim()) ? 'a real secret' : undefined;
}

const wordsOnly = /^[a-z]+(?:[-_.][a-z]+)*(?:[-_.]?\d{1,4})?$/i;

function isRandom(value: string): boolean {
  return !/[\s/]/.test(value) && /\d/.test(value) && !wordsOnly.test(value) && bitsPerCharacter(value) >= fewestBits;
}

/** Shannon's entropy: words of a language have about 2 to 3, random text more. */
function bitsPerCharacter(text: string): number {
  const counts = new Map<string, number>();
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1);
  return [...counts.values()].reduce((bits, count) => bits - (count / text.length) * Math.log2(count / text.length), 0);
}
