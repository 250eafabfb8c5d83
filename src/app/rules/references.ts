import type { Path, Problem } from '../issue.ts';
import type { App, Reference } from '../model.ts';
import { references, resourceAttributes, serviceAttributes } from '../references.ts';
import { didYouMean, nearest } from '../suggest.ts';
import { parseTemplate } from '../template.ts';
import { perService, type Rule } from './rule.ts';

type Variables = Readonly<Record<string, string | number | boolean>>;

/** Every `${name.attribute}` can be read, and names something that is there. */
export const referenceRule = perService((raw, service, { app }) => variableProblems(raw.variables ?? {}, service, app));

export function variableProblems(variables: Variables, service: string, app: App): Problem[] {
  const referring = Object.keys(variables).filter((name) => String(variables[name]).includes('${'));
  return referring.flatMap((name) => {
    const value = String(variables[name]);
    const parsed = parseTemplate(value);
    const path = ['variables', name];
    if ('problem' in parsed) return [unreadable(parsed.problem, path, app)];
    return references(parsed.template).flatMap((reference) => check(reference, service, app, path));
  });
}

function unreadable(found: string, path: Path, app: App): Problem {
  const open = !found.endsWith('}');
  const sample = Object.keys(app.resources)[0] ?? 'db';
  const plain = 'or write `$${` for the plain characters';
  const fix = open
    ? `close it with }, ${plain}`
    : `write a reference such as \${${sample}.url}, list a value from outside under \`secrets\`, ${plain}`;
  return { code: 'GA2012', path, message: `"${found}" is no reference`, fix };
}

function check(reference: Reference, service: string, app: App, path: Path): Problem[] {
  const { name, attribute } = reference;
  if (Object.hasOwn(app.resources, name)) {
    const type = app.resources[name]?.type ?? 'postgres';
    return attributeProblems(reference, `${name} (${type})`, resourceAttributes[type], path);
  }
  const target = Object.hasOwn(app.services, name) ? app.services[name] : undefined;
  if (target === undefined) return [unknownName(reference, app, path)];
  if (name === service && attribute !== 'port')
    return [
      {
        code: 'GA2002',
        path,
        message: `\${${name}.${attribute}}: of itself a service knows only its port`,
        fix: `write \${${name}.port}, or read what you need from the request`,
      },
    ];
  if (name === service) return [];
  if (target.port === undefined)
    return [
      {
        code: 'GA2002',
        path,
        message: `\${${name}.${attribute}}: ${name} has no port that others could reach`,
        fix: `give ${name} a \`port\`, or refer to another service`,
      },
    ];
  return attributeProblems(reference, name, serviceAttributes, path);
}

function attributeProblems({ name, attribute }: Reference, shown: string, known: readonly string[], path: Path): Problem[] {
  if (known.includes(attribute)) return [];
  const hit = nearest(attribute, known);
  const fix = hit === undefined ? `use one of: ${known.map((item) => `\${${name}.${item}}`).join(', ')}` : `write \${${name}.${hit}}`;
  return [
    { code: 'GA2002', path, message: `\${${name}.${attribute}}: ${shown} has no "${attribute}"${didYouMean(attribute, known)}`, fix },
  ];
}

function unknownName({ name, attribute }: Reference, app: App, path: Path): Problem {
  const known = [...Object.keys(app.resources), ...Object.keys(app.services)];
  const hit = nearest(name, known);
  const fix =
    hit === undefined
      ? `declare "${name}" under \`resources\`: ${name}: { type: postgres, version: 17 }`
      : `write \${${hit}.${attribute}}, or declare "${name}" under \`resources\``;
  return {
    code: 'GA2001',
    path,
    message: `\${${name}.${attribute}}: there is no resource or service "${name}"${didYouMean(name, known)}`,
    fix,
    absent: [
      ['resources', name],
      ['services', name],
    ],
  };
}

/** Services that refer to each other in a circle could not start one after the other. */
export const cycleRule: Rule = ({ app }) => {
  const edges = new Map<string, readonly Edge[]>();
  for (const { name } of Object.values(app.services)) {
    const found = targets(app, name);
    if (found.length > 0) edges.set(name, found);
  }
  const done = new Set<string>();
  return [...edges.keys()].flatMap((start) => cycleFrom(start, edges, done));
};

interface Edge {
  readonly variable: string;
  readonly to: string;
}

function targets(app: App, service: string): Edge[] {
  const edges: Edge[] = [];
  for (const [variable, template] of Object.entries(app.services[service]?.variables ?? {})) {
    for (const part of template) {
      if (typeof part !== 'string' && part.name !== service && Object.hasOwn(app.services, part.name))
        edges.push({ variable, to: part.name });
    }
  }
  return edges;
}

/** Depth first, without recursion, so that a chain of thousands of services is no problem. Each service is visited once over all starts. */
function cycleFrom(start: string, edges: ReadonlyMap<string, readonly Edge[]>, done: Set<string>): Problem[] {
  const problems: Problem[] = [];
  const stack: { readonly name: string; next: number }[] = done.has(start) ? [] : [{ name: start, next: 0 }];
  const onStack = new Set([start]);
  for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
    const edge = edges.get(top.name)?.[top.next++];
    if (edge === undefined) {
      done.add(top.name);
      onStack.delete(top.name);
      stack.pop();
    } else if (onStack.has(edge.to))
      problems.push(
        cycle(
          top.name,
          edge,
          stack.map((entry) => entry.name),
        ),
      );
    else if (!done.has(edge.to)) {
      onStack.add(edge.to);
      stack.push({ name: edge.to, next: 0 });
    }
  }
  return problems;
}

function cycle(from: string, edge: Edge, stack: readonly string[]): Problem {
  const circle = [...stack.slice(stack.indexOf(edge.to)), edge.to].join(' -> ');
  return {
    code: 'GA2003',
    path: ['services', from, 'variables', edge.variable],
    message: `the services refer to each other in a circle: ${circle}`,
    fix: 'delete one of the references; a browser can reach the other service through its route',
  };
}
