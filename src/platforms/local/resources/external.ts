/** Servers outside of Gantry's care: their address comes from a secret, and Gantry only looks whether they answer. */
import { Secret } from '../../../exec/secret.ts';
import { GantryError } from '../../../errors.ts';
import type { ResourceSpec } from '../../../stack/process.ts';
import type { RunningResource } from '../supervisor/resources.ts';

export interface ExternalServer {
  readonly host: string;
  readonly port: number;
  /** TLS from the first byte on (`rediss:`). */
  readonly tls: boolean;
  readonly resource: RunningResource;
}

const kinds = {
  postgres: { protocols: ['postgres:', 'postgresql:'], port: 5432, example: 'postgres://user:password@host:5432/name' },
  redis: { protocols: ['redis:', 'rediss:'], port: 6379, example: 'redis://:password@host:6379' },
} as const;

/** @throws GantryError GL3008 when the secret is missing or not a URL of that type; the message does not show the value */
export function externalServer(spec: ResourceSpec, secret: Secret | undefined): ExternalServer {
  const url = parse(spec, secret?.reveal() ?? '');
  const host = url.hostname.replaceAll(/^\[|\]$/g, '');
  const port = Number(url.port === '' ? kinds[spec.type].port : url.port);
  return { host, port, tls: url.protocol === 'rediss:', resource: describe(spec, url, host, port) };
}

function parse(spec: ResourceSpec, text: string): URL {
  const { protocols, example } = kinds[spec.type];
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const known: readonly string[] = protocols;
  if (url !== undefined && known.includes(url.protocol) && url.hostname !== '') return url;
  const problem = text === '' ? 'is not set' : `is not a URL such as ${example}`;
  throw new GantryError('GL3008', `the address of the external resource ${spec.name} ${problem}`, {
    where: `resources.${spec.name}.external`,
  });
}

function describe(spec: ResourceSpec, url: URL, host: string, port: number): RunningResource {
  const user = decodeURIComponent(url.username);
  const name = decodeURIComponent(url.pathname.slice(1));
  return {
    record: { name: spec.name, type: spec.type, port },
    version: String(spec.version),
    connection: `${url.protocol}//${user === '' ? '' : `${url.username}@`}${url.hostname}:${port}${url.pathname}`,
    outputs: {
      host,
      port,
      ...(spec.type === 'postgres' ? { user, name } : {}),
      password: new Secret(decodeURIComponent(url.password)),
      url: new Secret(url.href),
    },
  };
}
