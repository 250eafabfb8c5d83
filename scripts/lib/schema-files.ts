/** What is made from schemas: JSON Schemas for editors, the compiled validator, the reference page, the description of the dashboard's API. */
import { Ajv } from 'ajv';
import standaloneCode from 'ajv/dist/standalone/index.js';
import { z } from 'zod';
import { environmentSchema } from '../../src/app/environment.ts';
import { appSchema } from '../../src/app/schema.ts';
import { describeApi } from '../../src/server/http/openapi.ts';
import { routes } from '../../src/server/http/routes.ts';
import { targets } from '../../src/targets/index.ts';
import { referencePage } from './reference-page.ts';

export type JsonSchema = z.core.JSONSchema.JSONSchema;

/** By path from the root of the repository. */
export async function generatedFiles(): Promise<Record<string, string>> {
  const app = appJsonSchema();
  const environment = await environmentJsonSchema();
  return {
    'schema/gantry.schema.json': pretty({ $id: 'gantry.schema.json', ...app, ...notes }),
    'schema/environment.schema.json': pretty({ $id: 'environment.schema.json', ...environment }),
    'schema/dashboard-api.json': pretty(describeApi(routes)),
    'docs/app-file.md': referencePage(app, toJson(environmentSchema), await optionSchemas()),
    'src/app/validator.generated.js': validators(),
    ...(await optionValidators()),
  };
}

function toJson(schema: z.ZodType, target: 'draft-2020-12' | 'draft-7' = 'draft-2020-12'): JsonSchema {
  return z.toJSONSchema(schema, { io: 'input', target, unrepresentable: 'any' });
}

/** Keys of the person's own, which the loader takes away before it validates. */
const notes = { patternProperties: { '^x-': {} } };

function appJsonSchema(): JsonSchema {
  return toJson(appSchema);
}

/** The common keys, and for each target the options that it takes. */
async function environmentJsonSchema(): Promise<JsonSchema> {
  const common = toJson(environmentSchema);
  const branches = Object.entries(await optionSchemas()).map(([name, options]) => ({
    if: { properties: { target: { const: name } }, required: ['target'] },
    then: {
      properties: { ...Object.fromEntries(Object.keys(common.properties ?? {}).map((key) => [key, {}])), ...options.properties },
      required: options.required ?? [],
      ...notes,
      additionalProperties: false,
    },
  }));
  return { ...common, allOf: branches };
}

async function optionSchemas(): Promise<Record<string, JsonSchema>> {
  const entries = Object.entries(targets).map(async ([name, target]) => [name, toJson(await target.options())] as const);
  return Object.fromEntries(await Promise.all(entries));
}

function validators(): string {
  const app = toJson(appSchema, 'draft-7');
  const environment = toJson(environmentSchema, 'draft-7');
  return validatorModule({ validateApp: app, validateEnvironment: environment }, 'schema.ts and environment.ts');
}

/** Each target's options have a validator beside their schema, so that a right file needs no schema library. */
async function optionValidators(): Promise<Record<string, string>> {
  const entries = Object.entries(targets).map(async ([name, target]) => {
    const schema = toJson(await target.options(), 'draft-7');
    return [`src/targets/${name}/options.generated.js`, validatorModule({ accepts: schema }, 'options.ts')] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}

/** One module of plain functions without imports. Lengths are in patterns, so that no helper of ajv is needed. */
function validatorModule(schemas: Record<string, JsonSchema>, source: string): string {
  const ajv = new Ajv({
    code: { source: true, esm: true, lines: true },
    messages: false,
    strict: true,
    strictTypes: false,
    allowUnionTypes: true,
    validateFormats: false,
  });
  for (const [name, schema] of Object.entries(schemas)) ajv.addSchema(bare(schema), name);
  const code = standaloneCode.default(ajv, Object.fromEntries(Object.keys(schemas).map((name) => [name, name])));
  if (/\brequire\(/.test(code)) throw new Error('the compiled validator needs a helper of ajv; say it with a pattern instead');
  return `// Made from ${source} by \`npm run generate\`.\n${withoutDetails(code)}\n`;
}

/** Only yes or no is asked of the validator; what it would say about errors is more than half of its code. Each of them stands in one line. */
function withoutDetails(code: string): string {
  return code
    .replaceAll(/= \{instancePath[,:].*\};?$/gm, '= {};')
    .replaceAll(/\.errors = \[\{instancePath[,:].*\}\];?$/gm, '.errors = [];');
}

/** Without what only people and editors read. */
function bare(schema: JsonSchema): JsonSchema {
  return JSON.parse(
    JSON.stringify(schema, (key, value: unknown) =>
      ['$schema', 'description', 'title', 'examples'].includes(key) && typeof value !== 'object'
        ? undefined
        : key === 'examples'
          ? undefined
          : value,
    ),
  ) as JsonSchema;
}

function pretty(document: unknown): string {
  return `${JSON.stringify(document, null, 2)}\n`;
}
