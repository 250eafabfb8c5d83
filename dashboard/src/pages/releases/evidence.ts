/** Where to read on when a release has failed; pure. */
import type { Problem } from '../../../../src/server/api/index.ts';

/** `backend-3f9a-1 ended 3 times`: service, release, ordinal. */
const replicaAtStart = /^((?:[a-z0-9]+-)*?[a-z0-9]+)-([0-9a-f]{4,12})-(\d+)(?=[\s:])/;
const serviceInWhere = /^services\.([^.\s]+)/;

export interface LogFilter {
  readonly service?: string;
  readonly replica?: string;
}

/** The part of the logs that the evidence is from; empty when it names none. */
export function logFilter({ message, where = '' }: Pick<Problem, 'message' | 'where'>): LogFilter {
  const [, ofReplica] = replicaAtStart.exec(message) ?? [];
  const replica = ofReplica === undefined ? undefined : message.slice(0, message.search(/[\s:]/));
  const [, named] = serviceInWhere.exec(where) ?? [];
  const service = ofReplica ?? named;
  return { ...(service === undefined ? {} : { service }), ...(replica === undefined ? {} : { replica }) };
}

/** Address of the logs page. @param at when it happened, ISO 8601; lines from around then come first */
export function logsPath(environment: string, filter: LogFilter, at: string | null): string {
  const query = new URLSearchParams({ ...filter, ...(at === null ? {} : { at }) }).toString();
  return `/e/${encodeURIComponent(environment)}/logs${query === '' ? '' : `?${query}`}`;
}

/** Escape sequences of terminals, control characters, and what turns the direction of writing for everything behind it. */
const steering =
  /\u001B\[[0-9;?]*[A-Za-z]|\u001B\][^\u0007\u001B]*(?:\u0007|\u001B\\)|[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u202A-\u202E\u2066-\u2069]/g;

/** Lines of programs as text: colours and whatever would steer what is shown are left out. */
export function plainLine(text: string): string {
  return text.replaceAll(steering, '');
}
