/** Passwords that Gantry makes, and variables that contain one: both live in the platform's secret store only. */
import { randomInt } from 'node:crypto';
import { isSecretTemplate } from '../../app/references.ts';
import type { App, Template } from '../../app/model.ts';
import { GantryError } from '../../errors.ts';
import { Secret } from '../../exec/secret.ts';
import type { Secrets } from '../../platforms/platform.ts';
import { passwordSecret, variableSecret } from '../../stack/names.ts';
import { engineContext, platformContext, type Work } from '../work.ts';

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const passwordLength = 32;

export function generatePassword(): Secret {
  return new Secret(Array.from({ length: passwordLength }, () => alphabet.charAt(randomInt(alphabet.length))).join(''));
}

/** Makes a password for every resource that has none. */
export async function passwords(work: Work): Promise<string> {
  if (work.stored !== undefined) return '';
  const secrets = work.platform.secrets(platformContext(work));
  const wanted = Object.values(work.app.resources).filter(({ external }) => external === undefined);
  let made = 0;
  for (const { name } of wanted) {
    if ((await secrets.read(passwordSecret(name))) !== undefined) continue;
    await secrets.put(passwordSecret(name), generatePassword().reveal(), 'generated');
    made += 1;
  }
  return made === 0 ? '' : `${made} made`;
}

/** Stores every variable that contains a password whole, and fixes the versions that this release uses. */
export async function urls(work: Work): Promise<string> {
  if (work.stored !== undefined) return '';
  const secrets = work.platform.secrets(platformContext(work));
  const outputs = await resourceOutputs(work);
  for (const service of Object.values(work.app.services)) {
    for (const [variable, template] of Object.entries(service.variables)) {
      if (isSecretTemplate(template, work.app))
        await keep(secrets, variableSecret(service.name, variable), await assemble(template, work, secrets, outputs));
    }
  }
  work.secrets = await versionsUsed(work.app, secrets);
  return '';
}

async function resourceOutputs(work: Work): Promise<ReadonlyMap<string, string>> {
  const sets = {
    ...(work.live === undefined ? {} : { live: work.live }),
    next: { id: '', app: work.app, env: work.env, content: work.content, secrets: {}, counts: {} },
  };
  const context = engineContext(work, sets);
  const values = new Map<string, string>();
  for (const stack of work.target.compile(sets).filter(({ phase }) => phase === 'foundation')) {
    for (const [name, value] of Object.entries(await work.engines[stack.engine].outputs(stack, context))) values.set(name, String(value));
  }
  return values;
}

async function keep(secrets: Secrets, name: string, value: Secret): Promise<void> {
  const before = await secrets.read(name);
  if (before?.reveal() !== value.reveal()) await secrets.put(name, value.reveal(), 'derived');
}

async function assemble(template: Template, work: Work, secrets: Secrets, outputs: ReadonlyMap<string, string>): Promise<Secret> {
  const parts = await Promise.all(
    template.map(async (part) => (typeof part === 'string' ? part : resolve(part.name, part.attribute, work, secrets, outputs))),
  );
  return new Secret(parts.join(''));
}

async function resolve(
  name: string,
  attribute: string,
  work: Work,
  secrets: Secrets,
  outputs: ReadonlyMap<string, string>,
): Promise<string> {
  const external = work.app.resources[name]?.external;
  if (external !== undefined) return externalPart(await required(secrets, external), attribute);
  if (attribute === 'password') return (await required(secrets, passwordSecret(name))).reveal();
  if (attribute === 'url') return resourceUrl(name, work, await required(secrets, passwordSecret(name)), outputs);
  return outputs.get(`${name}.${attribute}`) ?? '';
}

async function required(secrets: Secrets, name: string): Promise<Secret> {
  const value = await secrets.read(name);
  if (value === undefined) throw new GantryError('GR1002', `no value for ${name}`);
  return value;
}

function resourceUrl(name: string, work: Work, password: Secret, outputs: ReadonlyMap<string, string>): string {
  const get = (attribute: string): string => outputs.get(`${name}.${attribute}`) ?? '';
  if (work.app.resources[name]?.type === 'redis') return `redis://:${password.reveal()}@${get('host')}:${get('port')}`;
  return `postgres://${get('user')}:${password.reveal()}@${get('host')}:${get('port')}/${get('name')}`;
}

function externalPart(value: Secret, attribute: string): string {
  const url = new URL(value.reveal());
  const parts: Readonly<Record<string, string>> = {
    url: value.reveal(),
    host: url.hostname,
    port: url.port || (url.protocol.startsWith('redis') ? '6379' : '5432'),
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    name: decodeURIComponent(url.pathname.slice(1)),
  };
  return parts[attribute] ?? '';
}

/** The newest version of every secret that the app's processes read. */
export async function versionsUsed(app: App, secrets: Secrets): Promise<Record<string, number>> {
  const services = Object.values(app.services);
  const used = new Set([
    ...services.flatMap((service) => service.secrets),
    ...services.flatMap((service) =>
      Object.entries(service.variables).flatMap(([name, template]) =>
        isSecretTemplate(template, app) ? [variableSecret(service.name, name)] : [],
      ),
    ),
  ]);
  const all = (await secrets.list()).filter(({ name }) => used.has(name));
  return Object.fromEntries(all.map(({ name, version }) => [name, version]));
}
