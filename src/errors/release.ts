import type { ErrorEntry } from '../errors.ts';

/** GRxxxx: releases. */
export const releaseErrors = {
  GR1001: {
    title: 'a release is in progress',
    cause: 'One writer changes an environment at a time, and another one holds the lock.',
    fix: 'Wait until it has ended, or look at it with `gantry status ENV`.',
  },
  GR1002: {
    title: 'secret is not set',
    cause: 'A service lists a secret that has no value in this environment.',
    fix: 'Give it a value with `gantry secret set ENV NAME`; the input is hidden.',
  },
  GR1003: {
    title: 'the target cannot do what the app asks for',
    cause: 'The app uses a feature that the target of this environment does not have. Nothing is left out in silence.',
    fix: 'Remove it, or override it for this environment; `gantry check ENV` shows what each target can do.',
  },
  GR1004: {
    title: 'release interrupted',
    cause: 'The process that ran the release ended before the release did. It was taken back, or finished if users were on it already.',
    fix: 'Release again; `gantry status ENV` shows what serves now.',
  },
  GR1005: {
    title: 'something has to be confirmed',
    cause: 'A guardrail or a migration asks for a yes from a person, and nobody could be asked.',
    fix: 'Answer on a terminal, or give `--confirm ID` for what you have read and agree to.',
  },
  GR1006: {
    title: 'unknown guardrail',
    cause: '`--allow` names a guardrail that does not exist.',
    fix: 'Give the id that the message shows, for example `--allow G25 "hotfix"`.',
  },
  GR1007: {
    title: 'a guardrail stops the release',
    cause: 'Something in the app or its folder has hurt people before. Nothing has been changed.',
    fix: 'Do what the message says, or let it pass with `--allow ID "reason"`; the reason is recorded in the release.',
  },
  GR1008: {
    title: 'the lock was taken away',
    cause:
      'Somebody took the lock with `gantry unlock`, or took over because this process did not answer. It stopped at once and touches nothing more.',
    fix: 'Look at `gantry status ENV`; the next command finishes or takes back what is left.',
  },
  GR1009: {
    title: 'the journal cannot be followed',
    cause:
      'The journal is whole, but tells of something that cannot have happened after what it tells before: a bug in the version of Gantry that wrote it, or somebody has edited it. So what is deployed is not known, and nothing is touched.',
    fix: 'Restore the state folder (`.gantry/store`) from a backup of before the event that is named, and report it with the lines shown. Running services are left alone meanwhile.',
  },
  GR2001: {
    title: 'migration failed',
    cause: 'The migrate command of a service ended with an error. No request has reached the new release.',
    fix: 'Correct the migration; its last lines are shown. Then release again: what was applied is not applied twice.',
  },
  GR3001: {
    title: 'smoke check failed',
    cause: 'The next set answers a smoke check otherwise than expected. No user has reached it.',
    fix: 'Correct the service or the check under `smoke` in gantry.yaml, then release again.',
  },
  GR3002: {
    title: 'the page names files that are not there',
    cause:
      'The front page of the next set asks for a script, a style sheet or an image of its own that the next set does not answer with 200, or answers with a page. Browsers would show a broken page. No user has reached it.',
    fix: 'Build page and files together, and see that the files are in the release: `.dockerignore`, the output folder, the path under which they are served.',
  },
  GR4001: {
    title: 'the next set answers worse than the old one',
    cause:
      'While a share of the users was on the next set, it failed more requests or was slower than the gates allow. All requests are back on the old one.',
    fix: 'Look at the logs of the release that the message names; `release.gates` holds the limits.',
  },
  GR4002: {
    title: 'the next set does not stay up',
    cause:
      'A replica of the next set crashed again and again, or stopped answering, after users had reached it. All requests are back on the old one.',
    fix: 'Its last lines are shown; correct the program, then release again.',
  },
  GR4003: {
    title: 'requests failed because of the release',
    cause: 'The downtime meter counted more failed requests at the public entry than `release.budget` allows. The release was taken back.',
    fix: 'Look at the failures that the message names; a program that stops badly or starts to listen too early is the usual cause.',
  },
  GR5001: {
    title: 'nothing to go back to',
    cause: 'A rollback goes to the release promoted before the one that serves, and there is none.',
    fix: 'Release something else with `gantry deploy ENV`; `gantry releases ENV` lists what there was.',
  },
  GR5002: {
    title: 'unknown release',
    cause: 'No release of that id or number was ever promoted in this environment.',
    fix: 'Take one of those that are listed; `gantry releases ENV` shows all.',
  },
  GR5003: {
    title: 'release is not kept any more',
    cause: 'The content of old releases is removed; `release.keep` says how many stay.',
    fix: 'Take one of those that are listed, or check out its commit and deploy it.',
  },
  GR5004: {
    title: 'release serves already',
    cause: 'The release to go back to is the one that serves.',
    fix: 'Name another one; `gantry releases ENV` lists them.',
  },
  GR5005: {
    title: 'the database has moved on',
    cause: 'A migration since that release cannot be undone by running the old version: data or columns that it needs are gone.',
    fix: 'Go forward with a corrected release. If you know that the old version can live with this schema: `--allow-schema-mismatch`.',
  },
  GR6001: {
    title: 'the plan is for something else',
    cause: 'A plan file belongs to one app, one environment and one version of Gantry.',
    fix: 'Make a new one with `gantry plan ENV --out FILE`.',
  },
  GR6002: {
    title: 'the world has moved since the plan was made',
    cause: 'The files or the environment are not what they were when the plan was approved, so it would do something else.',
    fix: 'Make a new plan with `gantry plan ENV --out FILE`, read it, and deploy that.',
  },
  GR6003: {
    title: 'not a plan file',
    cause: 'The file given with `--plan` was not written by `gantry plan --out`, or was changed since.',
    fix: 'Make a new one with `gantry plan ENV --out FILE`.',
  },
} as const satisfies Record<string, ErrorEntry>;
