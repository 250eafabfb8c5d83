/** Writes what the launcher (scripts/test.mjs) prints at the end of a run: the counts, and what was skipped and why. */
import { writeFileSync } from 'node:fs';
import type { Reporter, TestCase, TestModule } from 'vitest/node';

/** The content of the file named by GANTRY_TEST_REPORT. */
export interface TestReport {
  passed: number;
  failed: number;
  skipped: { name: string; reason: string }[];
}

export default class LauncherReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const report = summarise(modules);
    report.failed += unhandledErrors.length;
    const file = process.env['GANTRY_TEST_REPORT'];
    if (file) writeFileSync(file, JSON.stringify(report));
  }
}

/** A file that cannot be loaded, or a suite whose hooks fail, counts as one failure of its own. */
export function summarise(modules: readonly TestModule[]): TestReport {
  const report: TestReport = { passed: 0, failed: 0, skipped: [] };
  for (const module of modules) {
    report.failed += module.errors().length;
    for (const suite of module.children.allSuites()) report.failed += suite.errors().length;
    for (const test of module.children.allTests()) count(report, test);
  }
  return report;
}

function count(report: TestReport, test: TestCase): void {
  const { state } = test.result();
  if (state === 'passed') report.passed += 1;
  else if (state === 'failed') report.failed += 1;
  else report.skipped.push({ name: `${test.module.relativeModuleId} > ${test.fullName}`, reason: reasonOf(test) });
}

function reasonOf(test: TestCase): string {
  const result = test.result();
  const note = result.state === 'skipped' ? result.note : undefined;
  let at: TestCase | TestModule | TestCase['parent'] = test;
  while (note === undefined && at.type !== 'module') {
    const { reason } = at.meta();
    if (reason) return reason;
    at = at.parent;
  }
  return note ?? 'no reason given';
}
