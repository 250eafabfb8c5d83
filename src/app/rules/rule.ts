/** The contract of a rule: what contradicts itself in a file whose structure is right. */
import type { Path, Problem } from '../issue.ts';
import type { App } from '../model.ts';
import type { RawApp, RawService } from '../schema.ts';

export interface Subject {
  readonly app: App;
  /** The same as it stands in the file. */
  readonly raw: RawApp;
}

export type Rule = (subject: Subject) => readonly Problem[];

/** A rule that looks at one service at a time; paths in its problems begin below the service. */
export function perService(check: (raw: RawService, name: string, subject: Subject) => readonly Problem[]): Rule {
  return (subject) => {
    const found: Problem[] = [];
    const { services } = subject.raw;
    for (const name of Object.keys(services)) {
      const problems = check(services[name] as RawService, name, subject);
      if (problems.length > 0) found.push(...problems.map((problem) => below(['services', name], problem)));
    }
    return found;
  };
}

/** Problems of the entries of a mapping. Hardly any entry has one, so nothing is made for those without. */
export function perEntry<Value>(
  record: Readonly<Record<string, Value>> | undefined,
  check: (name: string, value: Value) => Problem | undefined,
): Problem[] {
  const found: Problem[] = [];
  if (record === undefined) return found;
  for (const name of Object.keys(record)) {
    const problem = check(name, record[name] as Value);
    if (problem !== undefined) found.push(problem);
  }
  return found;
}

function below(base: Path, problem: Problem): Problem {
  return { ...problem, path: [...base, ...problem.path] };
}
