// Well-known passwords of eight characters and more, lower case. Digits and marks at the end are cut off before the look-up,
// so "Sunshine2026!" is found as "sunshine".
const WORDS = `
password passw0rd p@ssword p@ssw0rd passwort motdepasse contrasena senha123 qwertyuiop qwertyui qwertzuiop asdfghjkl asdfghjk zxcvbnm azertyuiop
1qaz2wsx 1q2w3e4r 1q2w3e4r5t q1w2e3r4 qazwsxedc zaq12wsx iloveyou ilovethis sunshine princess football baseball basketball superman batman starwars
trustno1 whatever computer internet michelle jennifer jordan23 charlie1 welcome welcome1 letmein letmein1 changeme changeit administrator
admin123 root1234 testtest test1234 guest123 secret123 mypassword newpassword yourpassword passpass password1 abcd1234 abc12345 aa123456 a1b2c3d4
11111111 00000000 12345678 123456789 1234567890 12341234 123123123 87654321 987654321 0987654321 11223344 12121212 1234qwer qwer1234 asdf1234
pokemon minecraft liverpool chelsea arsenal barcelona butterfly chocolate elephant dolphins samantha victoria alexander christian dragon monkey
master shadow freedom tinkerbell hello123 hellohello goodluck thunder spiderman september november december february summer winter spring autumn
monday friday corvette mercedes ferrari maverick scorpion panther steelers patriots yankees cowboys lakers blahblah nothing password! taskly
`;
const COMMON = new Set(WORDS.split(/\s+/).filter(Boolean));

/** Whether a guesser would try it early: well known, one repeated character, or the person's own address. */
export function isCommon(password: string, email: string): boolean {
  const lower = password.toLowerCase();
  const stem = lower.replace(/[\d\W_]+$/u, '');
  const local = email.split('@', 1)[0] ?? '';
  return COMMON.has(lower) || COMMON.has(stem) || new Set(lower).size < 3 || lower === email || (local.length > 3 && stem === local);
}
