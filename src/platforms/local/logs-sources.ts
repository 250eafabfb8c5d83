/** Which logs there are, and which of them a reader means. */
import { readdir, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { LogLine, LogSelector } from '../platform.ts';
import { autoscalerLog, logFile, logSuffix } from './log-files.ts';

/** One line per request, written by the ingress. */
const accessLog = 'access';
const ownLogs = new Set(['supervisor', 'ingress', accessLog]);

/** Never throws: a folder that does not exist (yet) has none. */
export async function sourcesIn(logDir: string): Promise<string[]> {
  const names = await readdir(logDir).catch(() => []);
  return names.flatMap((name) => sourceOf(name) ?? []);
}

/** Undefined for old parts and indexes. */
export function sourceOf(fileName: string): string | undefined {
  return fileName.endsWith(logSuffix) && fileName !== logSuffix ? basename(fileName, logSuffix) : undefined;
}

/** Where nobody knows the times, what was written last comes last, not the last name of the alphabet. */
export async function lastWrittenLast(logDir: string, sources: readonly string[]): Promise<string[]> {
  const dated = sources.map(async (source) => ({ source, at: await writtenAt(logFile(logDir, source)) }));
  return (await Promise.all(dated)).toSorted((a, b) => a.at - b.at || (a.source < b.source ? -1 : 1)).map(({ source }) => source);
}

async function writtenAt(file: string): Promise<number> {
  return stat(file).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  );
}

/** Without a service: replicas, jobs, resources and decisions about scaling; Gantry's other logs with `all`, the one of requests only by name. */
export function isSelected(source: string, { service, replica, release, all }: LogSelector): boolean {
  if (replica !== undefined) return source === replica;
  if (release !== undefined && !isOfRelease(source, release)) return false;
  if (service === undefined) return all === true ? source !== accessLog : !ownLogs.has(source);
  return source === service || belongsTo(source, service) || source.startsWith(`job-${service}-`) || source === autoscalerLog(service);
}

/** A replica's id is its service, its release and its ordinal; a service's name may itself contain dashes. */
function belongsTo(source: string, service: string): boolean {
  return source.startsWith(`${service}-`) && /^[0-9a-z]+-[0-9]+$/.test(source.slice(service.length + 1));
}

/** An id has the first digits of its release, before the ordinal or at its end. */
function isOfRelease(source: string, release: string): boolean {
  return source
    .split('-')
    .slice(-2)
    .some((word) => word.length >= Math.min(4, release.length) && release.startsWith(word));
}

export function streamOf(source: string): LogLine['stream'] {
  return ownLogs.has(source) || isDecisions(source) ? 'gantry' : 'stdout';
}

/** `autoscaler-web`, but not `autoscaler-3f9a-1`, which is a replica. */
function isDecisions(source: string): boolean {
  return source.startsWith(autoscalerLog('')) && !/-[0-9a-f]{4,}-[0-9]+$/.test(source);
}
