/** What `${name.attribute}` may mean, and which of it is secret. */
import type { App, Reference, Template } from './model.ts';

export const resourceAttributes = {
  postgres: ['url', 'host', 'port', 'user', 'password', 'name'],
  redis: ['url', 'host', 'port', 'password'],
} as const;

export const serviceAttributes = ['url', 'host', 'port'] as const;

/** The references of a template, in order. */
export function references(template: Template): Reference[] {
  return template.filter((part): part is Reference => typeof part !== 'string');
}

/** True when the value contains a password or a URL of a resource: it is then stored whole as a secret. */
export function isSecretTemplate(template: Template, app: App): boolean {
  return template.some((part) => typeof part !== 'string' && isSecret(part, app));
}

function isSecret({ name, attribute }: Reference, app: App): boolean {
  return (attribute === 'password' || attribute === 'url') && Object.hasOwn(app.resources, name);
}
