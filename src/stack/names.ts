/** Names and addresses that have to be the same everywhere. */
import { createHash } from 'node:crypto';
import type { ReleaseRef } from './stack.ts';

/** Hex digits of a release id: enough for a history of thousands, short enough to read out. */
const releaseIdLength = 12;

/** Address of a release's content: the same app, environment, content and secret versions have the same id. */
export function releaseId(ref: Omit<ReleaseRef, 'id' | 'counts' | 'migrations'>): string {
  const { app, env, content, secrets } = ref;
  return digest(canonical({ app, env, content, secrets })).slice(0, releaseIdLength);
}

/** SHA-256, hex. */
export function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** JSON with sorted keys, so that equal values have equal text. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) => (isRecord(inner) ? sorted(inner) : inner));
}

function sorted(record: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Secret that holds the password which Gantry makes for a resource. */
export function passwordSecret(resource: string): string {
  return `${resource}.password`;
}

/** Secret that holds a whole variable because a part of it is secret. */
export function variableSecret(service: string, variable: string): string {
  return `${service}.${variable}`;
}
