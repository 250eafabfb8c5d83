/** What a Compose file says about parts and resources. Only facts are taken from it; `gantry init --from` translates a whole file. */
import { parse } from 'yaml';
import type { Listing } from './listing.ts';
import { isRecord } from './package-json.ts';
import type { Remark } from './part.ts';
import { portNumber } from './source.ts';

export interface ComposeService {
  readonly name: string;
  /** Folder that is built, relative to the listing; absent for a ready image. */
  readonly folder?: string;
  readonly image?: string;
  /** Port inside of the container. */
  readonly port?: number;
  readonly environment: Readonly<Record<string, string>>;
  readonly kind: ImageKind;
}

export type ImageKind = 'part' | 'postgres' | 'redis' | 'other-store' | 'proxy' | 'tool';

export interface Compose {
  readonly file: string;
  readonly services: readonly ComposeService[];
  readonly remarks: readonly Remark[];
}

const files = ['compose.yaml', 'compose.yml', 'docker-compose.yaml', 'docker-compose.yml'];

export function readCompose(listing: Listing): Compose | undefined {
  const file = files.find((name) => listing.files.some(({ path }) => path === name));
  if (file === undefined) return undefined;
  const value = load(listing.texts[file]);
  const services = isRecord(value) && isRecord(value['services']) ? value['services'] : undefined;
  if (services === undefined)
    return { file, services: [], remarks: [{ what: `${file} was left aside`, why: 'it has no services that can be read', sure: false }] };
  const read = Object.entries(services)
    .slice(0, 100)
    .map(([name, service]) => toService(name, isRecord(service) ? service : {}));
  return { file, services: read, remarks: read.flatMap((service) => remarkOn(service, file)) };
}

function load(text: string | undefined): unknown {
  if (text === undefined) return undefined;
  try {
    return parse(text, { maxAliasCount: 100, merge: true, logLevel: 'silent' });
  } catch {
    return undefined;
  }
}

function toService(name: string, service: Readonly<Record<string, unknown>>): ComposeService {
  const folder = buildFolder(service['build']);
  const image = typeof service['image'] === 'string' ? service['image'] : undefined;
  const port = firstPort(service['ports']) ?? firstPort(service['expose']);
  return {
    name,
    environment: environmentOf(service['environment']),
    kind: folder === undefined ? kindOf(image ?? '') : 'part',
    ...(folder === undefined ? {} : { folder }),
    ...(image === undefined ? {} : { image }),
    ...(port === undefined ? {} : { port }),
  };
}

function buildFolder(build: unknown): string | undefined {
  const context = typeof build === 'string' ? build : isRecord(build) ? (build['context'] ?? '.') : undefined;
  if (typeof context !== 'string' || context.includes('://')) return undefined;
  const plain = context.replace(/^\.\//, '').replace(/\/+$/, '');
  return plain === '' ? '.' : plain;
}

/** `"8080:80"`, `"127.0.0.1:8080:80/tcp"`, `80`, `{ target: 80 }` */
function firstPort(ports: unknown): number | undefined {
  const first: unknown = Array.isArray(ports) ? ports[0] : undefined;
  if (isRecord(first)) return portNumber(String(first['target']));
  return first === undefined ? undefined : portNumber(String(first).split('/')[0]?.split(':').at(-1));
}

function environmentOf(environment: unknown): Readonly<Record<string, string>> {
  const pairs = Array.isArray(environment)
    ? environment.map((line) => split(String(line)))
    : isRecord(environment)
      ? Object.entries(environment)
      : [];
  return Object.fromEntries(
    pairs
      .filter(([name]) => /^[A-Za-z_]\w{0,80}$/.test(name))
      .map(([name, value]) => [name, value === null || value === undefined ? '' : String(value)]),
  );
}

function split(line: string): readonly [string, unknown] {
  const at = line.indexOf('=');
  return at < 0 ? [line, ''] : [line.slice(0, at), line.slice(at + 1)];
}

const images: readonly (readonly [RegExp, ImageKind])[] = [
  [/(^|\/)(postgres|postgis|pgvector|timescaledb|timescaledb-ha|postgresql)$/, 'postgres'],
  [/(^|\/)(redis|valkey|keydb|dragonfly|redis-stack|redis-stack-server)$/, 'redis'],
  [
    /(^|\/)(mysql|mariadb|mongo|mongodb|rabbitmq|elasticsearch|opensearch|cp-kafka|kafka|redpanda|minio|memcached|nats|cassandra|clickhouse-server|couchdb|influxdb|meilisearch)$/,
    'other-store',
  ],
  [/(^|\/)(nginx|traefik|caddy|haproxy|nginx-proxy|envoy|httpd)$/, 'proxy'],
  [
    /(^|\/)(adminer|pgadmin4?|mailhog|mailpit|phpmyadmin|redis-commander|prometheus|grafana|jaeger|watchtower|cadvisor|node-exporter|mongo-express|localstack)$/,
    'tool',
  ],
];

function kindOf(image: string): ImageKind {
  const name = image.split('@')[0]?.replace(/:[^/]*$/, '') ?? '';
  return images.find(([pattern]) => pattern.test(name))?.[1] ?? 'part';
}

/** Major version in the tag: `postgres:16-alpine` -> 16. */
export function imageMajor(image: string | undefined): number | undefined {
  const major = Number(/:(?:pg|v)?(\d{1,3})(?:[.-]|$)/.exec(image ?? '')?.[1] ?? Number.NaN);
  return Number.isInteger(major) && major > 0 ? major : undefined;
}

function remarkOn({ name, kind, image }: ComposeService, file: string): readonly Remark[] {
  const what = `${name} of ${file} was left out`;
  if (kind === 'other-store')
    return [
      {
        what,
        why: `${image} is no resource that Gantry provides; run it yourself, and give the services its address as a secret`,
        sure: false,
      },
    ];
  if (kind === 'proxy') return [{ what, why: 'routes, static files and TLS are what Gantry puts in front by itself', sure: true }];
  if (kind === 'tool') return [{ what, why: 'it is a tool for development, no part of the app', sure: true }];
  if (kind === 'part' && image !== undefined)
    return [
      { what, why: `it runs the ready image ${image}: write it with its digest under \`image:\` for targets with containers`, sure: false },
    ];
  return [];
}
