import { defineConfig } from 'vitest/config';

/** Folders whose tests start nothing and share nothing: one module graph for all of them is safe and fast. */
const pure = [
  'src/{app,stack,targets,errors,guard}/**/*.test.ts',
  'src/*.test.ts',
  'dashboard/src/**/*.test.ts',
  'test/{architecture,tools,fixtures}/**/*.test.ts',
];
const slow = ['**/*.slow.test.ts'];
const e2e = ['test/e2e/**/*.test.ts', 'apps/*/e2e/**/*.test.ts'];
const never = ['**/node_modules/**', '**/dist/**', '**/.gantry/**'];

const built = './test/tools/build.ts';

const rings = new Set((process.env['GANTRY_TEST_RINGS'] ?? 'unit,process,e2e').split(','));
const on = (ring: string): boolean => rings.has('all') || rings.has(ring);

/** Each project is a ring; a slow test is named `*.slow.test.ts`, wherever it lies. */
const projects = [
  { test: { name: 'unit', include: pure, exclude: [...never, ...slow], isolate: false, testTimeout: 30_000 } },
  {
    test: {
      name: 'process',
      include: ['src/**/*.test.ts', 'test/**/*.test.ts', 'scripts/**/*.test.ts'],
      exclude: [...never, ...slow, ...pure, ...e2e],
      testTimeout: 60_000,
      hookTimeout: 60_000,
    },
  },
  {
    test: {
      name: 'e2e',
      globalSetup: built,
      include: e2e,
      exclude: [...never, ...slow],
      testTimeout: 180_000,
      hookTimeout: 180_000,
      fileParallelism: false,
    },
  },
  {
    test: {
      name: 'slow',
      globalSetup: built,
      include: slow,
      exclude: never,
      testTimeout: 900_000,
      hookTimeout: 300_000,
      fileParallelism: false,
    },
  },
];

export default defineConfig({
  test: {
    pool: 'forks',
    maxWorkers: 2,
    passWithNoTests: true,
    // A condition that is waited for has as long as a busy machine needs; the deadline only ends what never comes.
    expect: { poll: { timeout: 30_000 } },
    reporters: process.env['GANTRY_TEST_REPORT'] ? ['default', './test/tools/reporter.ts'] : ['default'],
    projects: projects.filter(({ test }) => on(test.name)).map((project) => ({ extends: true, ...project })),
  },
});
