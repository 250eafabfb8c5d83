import { formatIssues, type Issue } from '../app/issue.ts';

/** Files with problems: every one of them, at once. */
export class ProjectIssues extends Error {
  readonly issues: readonly Issue[];

  constructor(issues: readonly Issue[]) {
    super(formatIssues(issues));
    this.name = 'ProjectIssues';
    this.issues = issues;
  }
}
