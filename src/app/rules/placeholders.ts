import type { Path, Problem } from '../issue.ts';
import { perEntry, perService, type Rule } from './rule.ts';

const services = perService((raw) => {
  const { build, static: site } = raw;
  return [
    ...inside(typeof build === 'object' ? build : { '': build }, ['build']),
    ...(typeof build === 'object' ? inside(build.args ?? {}, ['build', 'args']) : []),
    ...inside({ image: raw.image }, []),
    ...inside(typeof site === 'object' ? site : { '': site }, ['static']),
    ...inside(typeof raw.health === 'object' ? raw.health : { '': raw.health }, ['health']),
  ];
});

/** References stand in `variables` only; elsewhere they would be taken literally. */
export const placeholderRule: Rule = (subject) => [
  ...services(subject),
  ...(subject.raw.smoke ?? []).flatMap((check, index) => [
    ...inside(check, ['smoke', index]),
    ...inside(check.headers ?? {}, ['smoke', index, 'headers']),
  ]),
];

function inside(record: Readonly<Record<string, unknown>>, base: Path): Problem[] {
  return perEntry(record, (key, value) =>
    key !== 'body' && typeof value === 'string' && value.includes('${') ? misplaced(key === '' ? base : [...base, key]) : undefined,
  );
}

function misplaced(path: Path): Problem {
  return {
    code: 'GA2012',
    path,
    message: 'references are read in `variables` only',
    fix: 'write the value itself, or hand it to the program through `variables`',
  };
}
