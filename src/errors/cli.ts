import type { ErrorEntry } from '../errors.ts';

/** GCxxxx: how a command was called. */
export const cliErrors = {
  GC1001: {
    title: 'unknown command',
    cause: 'The first word is not a command of gantry.',
    fix: 'Run `gantry --help` for the list of commands.',
  },
  GC1002: {
    title: 'wrong arguments',
    cause: 'The command was called with an argument or an option that it does not have, or without one that it needs.',
    fix: 'Run the command with `--help` to see what it takes.',
  },
  GC1003: {
    title: 'unknown environment',
    cause: 'The environment named is neither `local` nor a file in environments/. It is the first word of most commands.',
    fix: 'Name one of the environments that `gantry check` lists.',
    example: 'gantry logs local backend',
  },
  GC1004: {
    title: 'unknown service',
    cause: 'The service named is not under `services` in gantry.yaml.',
    fix: 'Name one of the services that `gantry check` lists.',
  },
  GC1005: {
    title: 'confirmation needed',
    cause: 'The command removes something, and nobody could be asked or the answer was not the name.',
    fix: 'Answer with the name that is asked for; in scripts give `--yes`, and `--confirm ENV` for any environment but local.',
  },
  GC1006: {
    title: 'no value given',
    cause: 'A secret was to be set, and standard input was empty.',
    fix: 'Type it at the hidden prompt, or pipe it in: `printf %s "$VALUE" | gantry secret set local NAME`.',
  },
  GC1007: {
    title: 'file exists',
    cause: 'The command would replace a file that is already there.',
    fix: 'Edit that file, or add `--force` to replace it.',
  },
  GC1008: {
    title: 'output cannot be written',
    cause: 'The file or device that the output of the command goes to takes no more, for example because its disk is full.',
    fix: 'Make room, or send the output elsewhere. What the command did is done; `gantry status ENV` shows what is true.',
  },
  GC2001: {
    title: 'not signed in to the dashboard',
    cause:
      'The request carried no token, or one that the server does not know: the server was started anew, or the token was not used for long.',
    fix: 'Open the link that `gantry up` or `gantry dashboard` prints.',
  },
  GC2002: {
    title: 'link to the dashboard not good any more',
    cause: 'The word in the link is good once. Somebody has used it already, or it belongs to a server that has ended.',
    fix: 'Run `gantry dashboard` for a new link, or use the browser in which it was opened.',
  },
  GC2003: {
    title: 'request from elsewhere',
    cause: 'The request named a host or an origin that is not the dashboard itself, as a page of somebody else would.',
    fix: 'Open the dashboard by the address that `gantry up` or `gantry dashboard` prints.',
  },
  GC2004: {
    title: 'request not understood',
    cause: 'The dashboard was asked for something that its API does not have, or with a body that does not fit.',
    fix: 'Reload the page. The API is described at /api/openapi.json.',
  },
  GC2005: {
    title: 'unknown operation',
    cause: 'The dashboard keeps the last operations that were begun by it, and this one is not among them.',
    fix: 'Look at the releases of the environment: they are recorded there.',
  },
  GC2006: {
    title: 'unknown release',
    cause: 'There is no such release in the record of the environment, or it is not kept any more.',
    fix: 'Choose one from the list of releases.',
  },
  GC2007: {
    title: 'confirmed by another name',
    cause: 'Going back has to be confirmed by the name of the environment, and another one was typed.',
    fix: 'Type the name of the environment exactly as it is shown.',
  },
  GC2008: {
    title: 'cannot be tried here',
    cause: 'Replicas are disturbed on purpose only on the local target, and only those that run.',
    fix: 'Choose a replica that is ready, in an environment whose target is local.',
  },
  GC2009: {
    title: 'too many requests to the dashboard',
    cause: 'One client has asked more often than any page of the dashboard does.',
    fix: 'Wait a moment. Scripts ask the commands with --json instead.',
  },
  GC2010: {
    title: 'mistake in the dashboard',
    cause: 'A part of the dashboard met something that it was not made for. What it was is printed where the dashboard was started.',
    fix: 'Use the command that does the same, and report what was printed.',
  },
  GC2011: {
    title: 'files with problems, seen in the dashboard',
    cause:
      'gantry.yaml or a file in environments/ was changed and cannot be used as it is. The dashboard goes on with what the files said before.',
    fix: 'Correct the file; the dashboard reads it again by itself. `gantry check` shows every problem.',
  },
  GC2020: {
    title: 'environment cannot be asked',
    cause: 'The place where the environment runs could not be reached, or answered with something that Gantry does not know.',
    fix: 'The dashboard asks again by itself. Look at `gantry status ENV`; what is shown meanwhile is how it was when it could last be asked.',
  },
} as const satisfies Record<string, ErrorEntry>;
