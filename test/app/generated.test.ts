/** What is made from the schema agrees with it. */
import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { commonShape } from '../../src/app/environment.ts';
import { commonKeys } from '../../src/app/environment-options.ts';
import { readFast } from '../../src/app/yaml.ts';
import { generatedFiles } from '../../scripts/lib/schema-files.ts';
import { appTexts } from '../fixtures/app-texts.ts';
import { environmentTexts } from '../fixtures/environment-texts.ts';

const root = new URL('../../', import.meta.url);
const files = await generatedFiles();

describe('generated files', () => {
  it.each(Object.keys(files))('%s is up to date (if not: npm run generate)', (file) => {
    expect(readFileSync(new URL(file, root), 'utf8') === files[file]).toBe(true);
  });

  it('knows the common keys of an environment', () => {
    expect([...commonKeys].toSorted()).toEqual(Object.keys(commonShape).toSorted());
  });

  it('describes every key of the reference page', () => {
    const rows = files['docs/app-file.md']?.split('\n').filter((line) => line.startsWith('| `')) ?? [];
    expect(rows.length).toBeGreaterThan(80);
    expect(rows.filter((row) => /\|\s*\|$/.test(row))).toEqual([]);
  });

  it.each([
    ['schema/gantry.schema.json', appTexts],
    ['schema/environment.schema.json', environmentTexts],
  ] as const)('%s accepts what the loader accepts, as an editor would', (file, texts) => {
    const validate = new Ajv2020({ strict: false }).compile(JSON.parse(files[file] ?? '') as object);
    for (const text of texts) expect(validate(readFast(text)?.value), JSON.stringify(validate.errors)).toBe(true);
    expect(validate({ ...(readFast(texts[0] ?? '')?.value as object), unknwon: 1 })).toBe(false);
  });
});
