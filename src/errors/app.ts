import type { ErrorEntry } from '../errors.ts';

/** GA1xxx: the shape of gantry.yaml and environments/*.yaml. GA2xxx: rules over a well-formed app. GExxxx: environments. */
export const appErrors = {
  GA1001: {
    title: 'app file not found',
    cause: 'No gantry.yaml was found in this folder.',
    fix: 'Go to the folder of the app, or run `gantry init` to write one.',
  },
  GA1002: {
    title: 'not UTF-8 text',
    cause: 'The file is in another encoding, or contains a character that text cannot have.',
    fix: 'Save the file as UTF-8, and delete the character that the message names.',
    example: 'iconv -f UTF-16 -t UTF-8 gantry.yaml > fixed.yaml',
  },
  GA1003: {
    title: 'unknown key',
    cause: 'The key is not part of the file format here. Nothing is ignored in silence, so a slip of the hand is an error.',
    fix: 'Correct the key or delete it. Keys of your own are allowed at the root of gantry.yaml if they begin with `x-`.',
    example: 'helth: /healthz   ->   health: /healthz',
  },
  GA1004: {
    title: 'wrong type',
    cause: 'The value is of another kind than the key takes, for example text where a number belongs.',
    fix: 'Write the kind of value that the message names. Quotes make text of anything.',
    example: 'port: "8080"   ->   port: 8080',
  },
  GA1005: {
    title: 'missing key',
    cause: 'The mapping needs a key that is not there.',
    fix: 'Add the key that the message names.',
  },
  GA1006: {
    title: 'value not allowed',
    cause: 'The value has the right type, but is outside of what the key takes.',
    fix: 'Write a value as the message describes it.',
    example: 'memory: 1gb   ->   memory: 1Gi',
  },
  GA1007: {
    title: 'not readable as YAML',
    cause: 'The text breaks a rule of YAML, so that its meaning is not certain.',
    fix: 'Mend the line that the message names. Text with special characters goes in quotes.',
  },
  GA1008: {
    title: 'key given twice',
    cause: 'A mapping has the same key two times. Only one of them could count.',
    fix: 'Delete one of them, or rename it.',
  },
  GA1009: {
    title: 'file too large or too deep',
    cause: 'A file may have 1 MiB, 32 levels, 100 aliases and one document. More is a mistake or an attack.',
    fix: 'Keep only the description of the app in the file.',
  },
  GA1010: {
    title: 'tab as indentation',
    cause: 'YAML allows only spaces for indentation.',
    fix: 'Replace tabs at the beginning of lines by two spaces each.',
  },
  GA1011: {
    title: 'empty file',
    cause: 'The file has no content besides comments.',
    fix: 'Write the description of the app, or run `gantry init`.',
  },
  GA1012: {
    title: 'YAML feature not allowed',
    cause: 'Tags, keys that are no text, and a few special values are not part of the file format.',
    fix: 'Write plain keys and values; text goes in quotes.',
  },
  GA1013: {
    title: 'keys that exclude each other',
    cause: 'Two keys say different things about the same matter, or a key means nothing for this kind of service.',
    fix: 'Keep the key that you mean, and delete the other.',
    example: 'scale and replicas: keep one of them',
  },
  GA1014: {
    title: 'number that would change',
    cause: 'The value is read as a number, and a program would get other text than the file shows.',
    fix: 'Put the value in quotes.',
    example: 'VERSION: 1.10   ->   VERSION: "1.10"',
  },
  GA1017: {
    title: 'minimum greater than maximum',
    cause: 'The fewest replicas are more than the most.',
    fix: 'Raise `max` or lower `min`.',
  },
  GA2001: {
    title: 'reference to something unknown',
    cause: '`${name.attribute}` names a resource or service that the file does not declare.',
    fix: 'Correct the name, or declare it under `resources` or `services`.',
    example: 'DATABASE_URL: ${db.url} needs resources: { db: { type: postgres, version: 17 } }',
  },
  GA2002: {
    title: 'reference to an unknown attribute',
    cause: 'The resource or service exists, but does not have this attribute.',
    fix: 'Use an attribute that the message lists.',
  },
  GA2003: {
    title: 'services refer to each other in a circle',
    cause: 'A service refers to another one, which refers back to it, so that neither could start first.',
    fix: 'Take one of the references away; browsers and services can also go through the public address.',
  },
  GA2004: {
    title: 'smoke check that cannot pass',
    cause: 'The path of the check leads to no service, or the check does not say what to ask.',
    fix: 'Correct the path, or give a service a route that covers it.',
  },
  GA2005: {
    title: 'two services with one route',
    cause: 'Requests can go to one service only.',
    fix: 'Give each service a route of its own; the longest prefix wins.',
  },
  GA2006: {
    title: 'command that needs a shell',
    cause: 'Commands are started directly, without a shell: nothing is chained, redirected or expanded.',
    fix: 'Split the command into a list of commands, or put what needs a shell into a script and run that.',
    example: 'run: npm ci && node server.js   ->   prepare: npm ci   and   run: node server.js',
  },
  GA2007: {
    title: 'reserved name',
    cause: 'The name has a meaning inside of Gantry or of a system that it works with.',
    fix: 'Choose another name.',
  },
  GA2008: {
    title: 'reserved variable',
    cause: 'PATH, HOME, LANG, PORT, HOST and variables that begin with GANTRY_ are given to every replica by Gantry.',
    fix: 'Delete the variable; declare the port with `port`. A program with other names gets them through references such as ${backend.port}.',
  },
  GA2009: {
    title: 'service that cannot run',
    cause: 'The kind of service needs keys that are not there, for example a command to start it.',
    fix: 'Add what the message names.',
  },
  GA2010: {
    title: 'path outside of the app',
    cause: 'Folders and files of an app lie below its app file, so that every machine finds the same content.',
    fix: 'Write a path relative to the app file, without `..`.',
  },
  GA2011: {
    title: 'not a cron expression',
    cause: 'A schedule has five fields: minute, hour, day of the month, month, day of the week. Times are in UTC.',
    fix: 'Write five fields with values in their ranges.',
    example: "schedule: '15 3 * * *' is every day at 03:15",
  },
  GA2012: {
    title: 'reference that cannot be read',
    cause: 'A reference is written `${name.attribute}`, and only in `variables`.',
    fix: 'Correct it, or write `$${` for the plain characters.',
  },
  GA2013: {
    title: 'secret in the wrong place',
    cause: 'A file is no place for a secret, and a name can be a variable or a secret, not both.',
    fix: 'List the name under `secrets` and enter the value with `gantry secret set`.',
  },
  GA2014: {
    title: 'times that contradict each other',
    cause: 'A check must end before the next one begins.',
    fix: 'Make `timeout` at most as long as `interval`.',
  },
  GA3001: {
    title: 'nothing to run was found',
    cause:
      '`gantry init` looks for package.json, Python and Go projects, Dockerfiles, a Procfile, a Compose file and index.html, and found none that says how to start something.',
    fix: 'Run it in the folder of the app, or write gantry.yaml by hand: a service needs `run`, `port` and `route`.',
    example: 'gantry: 1\napp: shop\nservices:\n  web: { run: node server.js, port: 8080, route: / }',
  },
  GE1002: {
    title: 'unknown target',
    cause: 'The environment names a kind of place that this version does not know.',
    fix: 'Use one of the targets that the message lists.',
  },
  GE1003: {
    title: 'override of something unknown',
    cause: 'The environment changes a service or resource that the app file does not declare.',
    fix: 'Correct the name, or delete the override.',
  },
} as const satisfies Record<string, ErrorEntry>;
