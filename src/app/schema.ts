/**
 * The structure of gantry.yaml: types, validation, JSON Schema and the reference page come from here.
 * What JSON Schema cannot say (references, cycles, contradictions) is a named rule in rules/.
 */
import { z } from 'zod';
import {
  command,
  duration,
  filledText,
  listOf,
  mapOf,
  name,
  number,
  oneOf,
  path,
  route,
  size,
  strict,
  textual,
  variableName,
  whole,
  words,
} from './schema-parts.ts';

const build = z
  .union(
    [
      filledText,
      strict(
        {
          context: filledText.describe('Folder of the service, relative to the app file.').meta({ examples: ['./backend'] }),
          dockerfile: filledText.optional().describe('Dockerfile, relative to the folder. Default: `Dockerfile`.'),
          target: filledText.optional().describe('Stage of the Dockerfile to build. Default: the last one.'),
          args: mapOf(variableName, textual, 'a mapping of build arguments')
            .optional()
            .describe('Build arguments. They end up in the image: never put a secret here.'),
        },
        'a folder, or a mapping with context, dockerfile, target and args',
      ),
    ],
    { error: 'a folder, or a mapping with context, dockerfile, target and args' },
  )
  .describe('Folder with the source of the service, and its Dockerfile for places with containers. Default: the folder of the app file.')
  .meta({ examples: ['./frontend', { context: './backend', dockerfile: 'Dockerfile', target: 'runtime' }] });

const image = z
  .string({ error: 'an image with its digest, such as registry.example.com/shop/api@sha256:...' })
  .regex(/^[a-z0-9][a-zA-Z0-9._:/-]*@sha256:[0-9a-f]{64}$/, {
    error: 'an image with its digest, such as registry.example.com/shop/api@sha256:...',
  });

const port = z
  .union(
    [
      whole(1, 65_535),
      strict(
        {
          number: whole(1, 65_535)
            .describe('Number of the port.')
            .meta({ examples: [5000] }),
          fixed: z
            .boolean({ error: 'true or false' })
            .optional()
            .describe('True if the program listens on this number whatever `PORT` says. Default: `false`.'),
        },
        'a port from 1 to 65535, or a mapping with number and fixed',
      ),
    ],
    { error: 'a port from 1 to 65535, or a mapping with number and fixed' },
  )
  .describe('Port on which the service listens in a container. A process gets its own port in `PORT`.')
  .meta({ examples: [8080, { number: 5000, fixed: true }] });

const health = z
  .union(
    [
      path,
      strict(
        {
          path: path.describe('Path that answers 2xx when the replica can take requests.').meta({ examples: ['/healthz'] }),
          interval: duration.optional().describe('Time between two checks. Default: `2s`.'),
          timeout: duration.optional().describe('How long one check may take. Default: `2s`.'),
          startup: duration.optional().describe('How long a replica may take until it is ready for the first time. Default: `60s`.'),
          rise: whole(1, 100).optional().describe('Checks in a row that must pass before a replica gets requests. Default: `2`.'),
          fall: whole(1, 100).optional().describe('Checks in a row that must fail before a replica gets no more requests. Default: `3`.'),
          live: path
            .optional()
            .describe(
              'Path that answers 2xx as long as a restart would not help. Without it a replica is never restarted for answering badly.',
            ),
        },
        'a path, or a mapping with path, interval, timeout, startup, rise, fall and live',
      ),
    ],
    { error: 'a path, or a mapping with path, interval, timeout, startup, rise, fall and live' },
  )
  .describe('How to find out whether a replica is ready.')
  .meta({ examples: ['/healthz', { path: '/api/health/ready', live: '/api/health/live' }] });

export const limits = strict(
  {
    cpu: number(0.01, 256).optional().describe('Cores per replica. Default: `0.25`.'),
    memory: size.optional().describe('Memory per replica. Default: `256Mi`.'),
  },
  'a mapping with cpu and memory',
)
  .describe('What one replica may use.')
  .meta({ examples: [{ cpu: 0.25, memory: '128Mi' }] });

export const scale = strict(
  {
    min: whole(1, 1000).optional().describe('Fewest replicas. Default: `1`.'),
    max: whole(1, 1000).optional().describe('Most replicas. Default: `min`.'),
    cpu: number(1, 100)
      .optional()
      .describe('Percentage of `limits.cpu` to aim at. Default: `70`, if `max` is greater than `min` and `concurrency` is not given.'),
    concurrency: whole(1, 100_000).optional().describe('Requests in flight per replica to aim at.'),
  },
  'a mapping with min, max, cpu and concurrency',
)
  .describe('How many replicas, and what decides.')
  .meta({ examples: [{ min: 2, max: 10, cpu: 70 }] });

export const replicas = whole(1, 1000)
  .describe('A fixed number of replicas, instead of `scale`.')
  .meta({ examples: [2] });

export const variables = mapOf(variableName, textual, 'a mapping of variables')
  .describe('Variables of the service. `${name.attribute}` refers to a resource or another service; write `$${` for a plain `${`.')
  .meta({ examples: [{ DATABASE_URL: '${db.url}', LOG_LEVEL: 'info' }] });

const migrate = z
  .union(
    [
      filledText,
      words,
      strict(
        {
          run: command.describe('The command.').meta({ examples: ['node dist/migrate.js'] }),
          files: filledText
            .optional()
            .describe(
              'SQL files of the migrations as a pattern, relative to the folder of the service. Their first line says `-- gantry: expand`, `contract` or `irreversible`.',
            ),
        },
        'a command, or a mapping with run and files',
      ),
    ],
    { error: 'a command, or a mapping with run and files' },
  )
  .describe('Command that brings the database up to date. It runs once per release, from the new content, before the new set starts.')
  .meta({ examples: ['node dist/migrate.js', { run: 'node dist/migrate.js', files: 'migrations/*.sql' }] });

const site = z
  .union(
    [
      filledText,
      strict(
        {
          dir: filledText
            .describe('Folder to serve, relative to the folder of the service, after `prepare`.')
            .meta({ examples: ['./dist'] }),
          fallback: filledText.optional().describe('File that answers for paths that do not exist, for single-page apps.'),
        },
        'a folder, or a mapping with dir and fallback',
      ),
    ],
    { error: 'a folder, or a mapping with dir and fallback' },
  )
  .describe('Makes the service a static site: files that are served, no program. Default of `route`: `/`.')
  .meta({ examples: ['./dist', { dir: './dist', fallback: 'index.html' }] });

export const service = strict(
  {
    build: build.optional(),
    image: image.optional().describe('A ready image, by digest, instead of `build`.'),
    prepare: z
      .union([filledText, listOf(command, 'a list of commands').min(1, { error: 'a list with at least one command' })], {
        error: 'a command, or a list of commands',
      })
      .optional()
      .describe(
        'How a place without containers builds the service, in a copy of its folder. Installing dependencies belongs here. A list is a list of commands.',
      )
      .meta({ examples: [['npm ci', 'npm run build']] }),
    run: command
      .optional()
      .describe(
        'How a place without containers starts the service: text that is split into words by the quoting rules of a POSIX shell, without expansion, or a list of words.',
      )
      .meta({ examples: ['node dist/server.js', ['python', '-m', 'http.server']] }),
    port: port.optional(),
    route: route
      .optional()
      .describe(
        'Path prefix that leads to the service. The longest prefix wins, on segment borders; the prefix is kept. With a route the service is a web service, without one it is a worker.',
      )
      .meta({ examples: ['/', '/api'] }),
    health: health.optional(),
    limits: limits.optional(),
    scale: scale.optional(),
    replicas: replicas.optional(),
    variables: variables.optional(),
    secrets: listOf(variableName, 'a list of names of secrets')
      .optional()
      .describe('Secrets that the service gets as variables. Their values are entered with `gantry secret set`, never here.')
      .meta({ examples: [['SESSION_KEY']] }),
    migrate: migrate.optional(),
    schedule: filledText
      .optional()
      .describe('Makes the service a job that runs at the given times and ends: a cron expression with five fields, in UTC.')
      .meta({ examples: ['15 3 * * *'] }),
    static: site.optional(),
  },
  'a mapping that describes a service',
).meta({ examples: [{ build: './web', run: 'node server.js', port: 8080, route: '/' }] });

const storage = size
  .optional()
  .describe('Size of the disk.')
  .meta({ examples: ['10Gi'] });

export const resource = strict(
  {
    type: oneOf(['postgres', 'redis'])
      .describe('Kind of the resource.')
      .meta({ examples: ['postgres'] }),
    version: whole(1, 1000)
      .describe('Major version.')
      .meta({ examples: [17] }),
    storage,
    external: variableName
      .optional()
      .describe('Name of the secret that holds the URL of a server that Gantry does not look after.')
      .meta({ examples: ['SHARED_DATABASE_URL'] }),
  },
  'a mapping with type, version, storage and external',
).meta({ examples: [{ type: 'postgres', version: 17 }] });

export const resourceOverride = strict({ storage, external: resource.shape.external }, 'a mapping with storage and external');

const expectation = strict(
  {
    status: whole(100, 599)
      .optional()
      .describe('Status of the answer. Default: `200`.')
      .meta({ examples: [200] }),
    json: z.unknown().optional().describe('What the JSON of the answer must contain; more is allowed.'),
    contains: filledText.optional().describe('Text that the answer must contain.'),
  },
  'a mapping with status, json and contains',
);

const smokeCheck = strict(
  {
    get: path.optional().describe('Path to ask with GET.'),
    post: path.optional().describe('Path to ask with POST.'),
    put: path.optional().describe('Path to ask with PUT.'),
    patch: path.optional().describe('Path to ask with PATCH.'),
    delete: path.optional().describe('Path to ask with DELETE.'),
    headers: mapOf(z.string().regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/, { error: 'the name of a header' }), textual, 'a mapping of headers')
      .optional()
      .describe('Headers of the request.'),
    body: z.unknown().optional().describe('Body of the request: text, or anything else, which is sent as JSON.'),
    expect: expectation.optional().describe('What the answer must look like. Default: status 200.'),
  },
  'a mapping with a method, its path and expect',
);

const share = number(0, 100);

export const release = strict(
  {
    strategy: oneOf(['blue-green', 'rolling', 'recreate'])
      .optional()
      .describe('How the next set takes over. Default: `blue-green`, both sets side by side.'),
    canary: strict(
      {
        share: share.optional().describe('Percentage of requests that the next set gets first; 0 switches the canary off. Default: `5`.'),
        duration: duration.optional().describe('How long. Default: what the target takes, 10 s on `local` and 5 m elsewhere.'),
      },
      'a mapping with share and duration',
    )
      .optional()
      .describe('A share of the requests on the next set before all of them.'),
    bake: duration
      .optional()
      .describe('How long the old set stays warm after the switch. Default: what the target takes, 20 s on `local` and 10 m elsewhere.'),
    drain: duration.optional().describe('How long a replica may finish requests before it is stopped. Default: `30s`.'),
    grace: duration.optional().describe('How long a program may take to end after it was asked to. Default: `10s`.'),
    budget: whole(0, 1_000_000).optional().describe('Failed requests that a release may cause before it is taken back. Default: `0`.'),
    keep: whole(1, 100).optional().describe('How many releases stay ready for a rollback. Default: `5`.'),
    gates: strict(
      {
        errorRate: share.optional().describe('Percentage of failed requests above that of the old set. Default: `1`.'),
        latencyFactor: number(1, 100).optional().describe('How many times slower than the old set, at the 95th percentile. Default: `3`.'),
      },
      'a mapping with errorRate and latencyFactor',
    )
      .optional()
      .describe('What stops a release while users judge it: during the canary and the bake.'),
  },
  'a mapping of release settings',
).describe('How releases are made. An environment may say otherwise.');

export const appSchema = strict(
  {
    gantry: z
      .literal(1, { error: '1' })
      .describe('Version of this file format.')
      .meta({ examples: [1] }),
    app: name.describe('Name of the app.').meta({ examples: ['taskly'] }),
    services: mapOf(name, service, 'a mapping of services')
      .describe('The parts of the app, by name.')
      .meta({ examples: [{ web: { build: './web', run: 'node server.js', port: 8080, route: '/' } }] }),
    resources: mapOf(name, resource, 'a mapping of resources')
      .optional()
      .describe('What the services need, by name.')
      .meta({ examples: [{ db: { type: 'postgres', version: 17, storage: '10Gi' } }] }),
    smoke: listOf(smokeCheck, 'a list of smoke checks')
      .optional()
      .describe('Requests that the next set must answer before users reach it.')
      .meta({ examples: [[{ get: '/', expect: { status: 200 } }]] }),
    release: release.optional(),
  },
  'a mapping with gantry, app and services',
).meta({
  title: 'gantry.yaml',
  description: 'One description of a web app. Keys at the root that begin with `x-` are yours: Gantry does not read them.',
});

export type RawApp = z.infer<typeof appSchema>;
export type RawService = z.infer<typeof service>;
export type RawResource = z.infer<typeof resource>;
export type RawSmokeCheck = z.infer<typeof smokeCheck>;
export type RawRelease = z.infer<typeof release>;
