/** Every rule flags what it must: a rule that finds nothing may only be blind. */
import { describe, expect, it } from 'vitest';
import { readModule } from './modules.ts';
import * as rules from './rules.ts';

function check(rule: rules.Rule, files: Readonly<Record<string, string>>): string[] {
  return rule(Object.entries(files).map(([path, source]) => readModule(path, source)));
}

describe('the scanner', () => {
  it('tells value, type and dynamic imports apart, in every spelling', () => {
    const source = [
      "import type { A } from './a.ts';",
      "import { type B } from './b.ts';",
      "export * from './c.ts';",
      "export type { D } from './d.ts';",
      "export { e } from './e.ts';",
      "type F = import('./f.ts').F;",
      "const g = await import('./g.ts');",
      "import './h.ts';",
      "const i = require('./i.cjs');",
      "// import './comment.ts'",
      'const text = "import \'./string.ts\'";',
      'const computed = await import(text);',
    ];
    const { imports } = readModule('x/y.ts', source.join('\n'));
    expect(imports.map(({ target, kind }) => `${kind} ${target}`)).toEqual([
      'type x/a.ts',
      'value x/b.ts',
      'value x/c.ts',
      'type x/d.ts',
      'value x/e.ts',
      'type x/f.ts',
      'dynamic x/g.ts',
      'value x/h.ts',
      'dynamic x/i.cjs',
      'dynamic <computed>',
    ]);
  });

  it('does not take a member or a key for a global', () => {
    const { uses } = readModule('x.ts', 'const a = { process: 1, shell: false }; export const b = a.process; call(`process.exit`);');
    expect(uses).not.toContain('process');
    expect(uses).not.toContain('process.exit');
    expect(uses).not.toContain('shell: true');
  });
});

describe('layer arrows', () => {
  it.each([
    ['targets/x/compile.ts', "import type { Engine } from '../../engines/engine.ts';"],
    ['engines/process/engine.ts', "import { local } from '../../targets/local/target.ts';"],
    ['engines/process/engine.ts', "import type { Places } from '../../platforms/local/places.ts';"],
    ['engines/helm/engine.ts', "import type { Request } from '../../platforms/local/protocol.ts';"],
    ['platforms/local/platform.ts', "import type { App } from '../../app/model.ts';"],
    ['builders/folder/builder.ts', "import { load } from '../../app/load.ts';"],
    ['builders/folder/builder.ts', "import { defaults } from '../../app/model.ts';"],
    ['app/load.ts', "export { run } from '../exec/exec.ts';"],
    ['stack/names.ts', "const { local } = await import('../targets/local/target.ts');"],
    ['release/runner.ts', "import { targets } from '../targets/index.ts';"],
    ['release/runner.ts', "import { connect } from '../platforms/local/client.ts';"],
    ['exec/exec.ts', "import type { Stack } from '../stack/stack.ts';"],
    ['cli/main.ts', "import { compile } from '../targets/local/compile.ts';"],
  ])('%s may not: %s', (path, source) => {
    expect(check(rules.layerArrows, { [path]: source })).toHaveLength(1);
  });

  it.each([
    ['engines/process/engine.ts', "import { connect } from '../../platforms/local/client.ts';"],
    ['release/runner.ts', "import type { Target } from '../targets/target.ts';"],
    ['builders/folder/builder.ts', "import type { Service } from '../../app/model.ts';"],
    ['app/load.ts', "import { GantryError } from '../errors.ts';"],
    ['cli/up.ts', "import { targets } from '../targets/index.ts';"],
    ['app/schema.ts', "import { z } from 'zod';"],
  ])('%s may: %s', (path, source) => {
    expect(check(rules.layerArrows, { [path]: source })).toEqual([]);
  });

  it('keeps siblings apart, except for what they share', () => {
    const files = {
      'targets/b/compile.ts': "import '../a/names.ts'; import '../_shared/chart.ts'; import './own.ts'; import '../target.ts';",
    };
    expect(check(rules.noSiblings, files)).toEqual(['targets/b/compile.ts imports targets/a/names.ts']);
  });
});

describe('purity', () => {
  it.each([
    "import { readFileSync } from 'node:fs';",
    "import fs from 'fs/promises';",
    "import { randomBytes, createHash } from 'node:crypto';",
    "import * as crypto from 'node:crypto';",
    "const { spawn } = await import('node:child_process');",
    'export const home = process.env.HOME;',
    'export const { env } = process;',
    'export const now = Date.now();',
    "export const now = Date['now']();",
    'export const now = new Date();',
    'export const dice = Math.random();',
    'export const id = crypto.randomUUID();',
    'setTimeout(() => {}, 1);',
  ])('flags %s', (source) => {
    expect(check(rules.purity, { 'stack/x.ts': source })).not.toEqual([]);
  });

  it('looks through what is imported', () => {
    const files = {
      'app/x.ts': "import '../errors.ts';",
      'errors.ts': "import './errors/clock.ts';",
      'errors/clock.ts': 'export const at = Date.now();',
    };
    expect(check(rules.purity, files)).toEqual(['errors/clock.ts uses Date.now']);
  });

  it('lets pass what computes only, and types of anything', () => {
    const source =
      "import { createHash } from 'node:crypto'; import type { Stats } from 'node:fs'; function process() {} process(); export const at = (s: string) => new Date(s); createHash('sha256');";
    expect(check(rules.purity, { 'stack/x.ts': source, 'exec/y.ts': 'export const now = Date.now();' })).toEqual([]);
  });
});

describe('the other rules', () => {
  it('finds provider words in every spelling, and not inside other words', () => {
    const files = {
      'release/a.ts': 'const awsRegion = 1;',
      'cli/b.ts': '// on AWS_ECS',
      'app/c.ts': "'specs and laws'",
      'targets/d.ts': "'aws'",
    };
    expect(check(rules.noProviderWords, files)).toEqual(['release/a.ts says aws', 'cli/b.ts says aws', 'cli/b.ts says ecs']);
  });

  it('allows one exit, in one place', () => {
    const files = { 'cli/main.ts': 'process.exit(1);', 'cli/up.ts': 'process.exit(0);', 'server/x.ts': 'process.abort();' };
    expect(check(rules.oneExit, files)).toEqual(['cli/up.ts uses process.exit', 'server/x.ts uses process.abort']);
    expect(check(rules.oneExit, { 'cli/main.ts': 'process.exit(1); process.exit(2);' })).toHaveLength(1);
  });

  it('allows one importer of child_process', () => {
    const spawn = "import { spawn } from 'node:child_process';";
    const files = {
      'exec/exec.ts': spawn,
      'platforms/x.ts': spawn,
      'cli/y.ts': "import { exit } from 'process'; const c = await import('child_process');",
    };
    expect(check(rules.oneSpawn, files)).toEqual([
      'platforms/x.ts imports node:child_process',
      'cli/y.ts imports process',
      'cli/y.ts imports child_process',
    ]);
  });

  it('finds shells, however they are asked for', () => {
    const files = {
      'exec/a.ts': 'spawn(x, { shell: true })',
      'exec/b.ts': "spawn(x, { 'shell': '/bin/sh' })",
      'exec/c.ts': 'spawn(x, { shell: false })',
    };
    expect(check(rules.noShell, files)).toEqual(['exec/a.ts uses a shell', 'exec/b.ts uses a shell']);
  });

  it('finds cycles through value imports only', () => {
    const files = { 'a.ts': "import './b.ts';", 'b.ts': "export * from './c.ts';", 'c.ts': "import './a.ts';" };
    expect(check(rules.noCycles, files)).toEqual(['a.ts -> b.ts -> c.ts -> a.ts']);
    expect(check(rules.noCycles, { ...files, 'c.ts': "import type { A } from './a.ts'; const a = import('./a.ts');" })).toEqual([]);
  });

  it('lets only the command line and the server bring release and targets together', () => {
    const source = "import '../release/runner.ts'; import '../targets/index.ts';";
    expect(check(rules.oneMeetingPlace, { 'guard/x.ts': source, 'cli/x.ts': source })).toEqual([
      'guard/x.ts imports release/ and targets/index.ts',
    ]);
  });

  it('measures files, and sees imports of what is not there', () => {
    expect(check(rules.shortFiles, { 'a.ts': '\n'.repeat(401) + 'x();' })).toEqual(['a.ts has 402 lines']);
    expect(check(rules.everythingResolves, { 'app/a.ts': "import './b.ts'; await import(name);" })).toEqual([
      'app/a.ts imports app/b.ts',
      'app/a.ts imports <computed>',
    ]);
  });
});
