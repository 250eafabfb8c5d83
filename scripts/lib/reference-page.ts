/** docs/app-file.md: every key of gantry.yaml and environments/*.yaml, from the JSON Schemas. */
import type { JsonSchema } from './schema-files.ts';

type Options = Readonly<Record<string, JsonSchema>>;

export function referencePage(app: JsonSchema, environment: JsonSchema, options: Options): string {
  const { services, resources, ...root } = properties(app);
  const parts = [
    '# The app file',
    `${app.description} Unknown keys are errors. This page is made from the schema by \`npm run generate\`; editors can use \`schema/gantry.schema.json\` and \`schema/environment.schema.json\`.`,
    '## At the root of gantry.yaml',
    table({ ...root, services: plain(services), resources: plain(resources) }, required(app)),
    '## A service: `services.NAME`',
    'With `route` it is a web service, without one a worker; `schedule` makes it a job, `static` a site.',
    table(properties(valueOf(services)), required(valueOf(services))),
    '## A resource: `resources.NAME`',
    table(properties(valueOf(resources)), required(valueOf(resources))),
    references,
    '## An environment: `environments/NAME.yaml`',
    `${environment.description} Without any file there is \`local\`.`,
    table(properties(environment), required(environment)),
    ...Object.entries(options).flatMap(([name, schema]) => [
      `### Options of \`target: ${name}\``,
      table(properties(schema), required(schema)),
    ]),
  ];
  return `${parts.join('\n\n')}\n`;
}

const references = `## References in variables

| reference | means |
|---|---|
| \`\${db.url}\` | address of a postgres resource with user and password |
| \`\${db.host}\`, \`.port\`, \`.user\`, \`.password\`, \`.name\` | its parts |
| \`\${cache.url}\`, \`.host\`, \`.port\`, \`.password\` | the same of a redis resource |
| \`\${backend.url}\`, \`.host\`, \`.port\` | internal address of another service, in the same set |
| \`\${backend.port}\` in the variables of \`backend\` itself | the replica's own port, for programs that do not read \`PORT\` |

A variable that contains a \`.password\` or \`.url\` of a resource is kept as a secret. \`$\${\` stands for a plain \`\${\`.

Commands are split into words by the quoting rules of a POSIX shell. Nothing is expanded, chained or redirected.`;

function properties(schema: JsonSchema | undefined): Record<string, JsonSchema> {
  return (schema?.properties ?? {}) as Record<string, JsonSchema>;
}

function required(schema: JsonSchema | undefined): readonly string[] {
  return schema?.required ?? [];
}

/** The schema of the values of a mapping. */
function valueOf(schema: JsonSchema | undefined): JsonSchema | undefined {
  return typeof schema?.additionalProperties === 'object' ? schema.additionalProperties : undefined;
}

/** Without its own keys, which have a table of their own. */
function plain(schema: JsonSchema | undefined): JsonSchema {
  return { type: 'object', ...(schema?.description === undefined ? {} : { description: schema.description }) };
}

function table(keys: Record<string, JsonSchema>, needed: readonly string[]): string {
  if (Object.keys(keys).length === 0) return 'None.';
  return ['| key | value | meaning |', '|---|---|---|', ...rows(keys, needed, '')].join('\n');
}

function rows(keys: Record<string, JsonSchema>, needed: readonly string[], prefix: string): string[] {
  return Object.entries(keys).flatMap(([key, schema]) => [
    row(`${prefix}${key}`, schema, needed.includes(key)),
    ...inner(schema, `${prefix}${key}`),
  ]);
}

function row(key: string, schema: JsonSchema, needed: boolean): string {
  const [example] = schema.examples ?? [];
  const shown = example === undefined ? '' : ` Example: \`${cell(flow(example))}\`.`;
  return `| \`${key}\`${needed ? ' (needed)' : ''} | ${kind(schema)} | ${cell(schema.description ?? '')}${shown} |`;
}

/** Rows for the keys of a mapping inside, also of one that is a branch of a union or an item of a list. */
function inner(schema: JsonSchema, key: string): string[] {
  const branches = [schema, ...(schema.anyOf ?? [])] as JsonSchema[];
  const items = branches.flatMap((branch) => (typeof branch.items === 'object' && !Array.isArray(branch.items) ? [branch.items] : []));
  return [...branches.map((branch) => [branch, `${key}.`] as const), ...items.map((item) => [item, `${key}[].`] as const)].flatMap(
    ([branch, prefix]) => rows(properties(branch), required(branch), prefix),
  );
}

function kind(schema: JsonSchema): string {
  if (schema.anyOf !== undefined) return [...new Set(schema.anyOf.map(kind))].join(' or ');
  if (schema.const !== undefined) return `\`${String(schema.const)}\``;
  if (schema.enum !== undefined) return schema.enum.map((value) => `\`${String(value)}\``).join(', ');
  const ranged = schema.minimum === undefined || schema.maximum === undefined ? '' : ` ${schema.minimum} to ${schema.maximum}`;
  if (schema.type === 'integer') return `whole number${ranged}`;
  if (schema.type === 'number') return `number${ranged}`;
  const names: Readonly<Record<string, string>> = { string: 'text', boolean: '`true` or `false`', object: 'mapping', array: 'list' };
  return names[String(schema.type ?? '')] ?? 'anything';
}

function flow(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(flow).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return String(value);
  return `{ ${Object.entries(value)
    .map(([key, item]) => `${key}: ${flow(item)}`)
    .join(', ')} }`;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}
