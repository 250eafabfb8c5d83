/**
 * Names of log files. Each source (a replica's id, `job-SERVICE-RELEASE`, a resource's name, `supervisor`,
 * `ingress`, `autoscaler-SERVICE`) has a file in
 * `places.logDir` that its process appends to, stdout and stderr in the order in which they were written. The supervisor rotates it by copy
 * and truncate: `.1` is the newest old part. Beside each part lies an index of times (logs-index.ts).
 */
import { join } from 'node:path';

export const logSuffix = '.log';
export const indexSuffix = '.times';
/** Parts of one log: the file itself, `.1` and `.2`. */
export const logParts = 3;
export const logPartBytes = 10 * 1024 * 1024;

/** Absolute path of a part; part 0 is the one that is written to. */
export function logFile(logDir: string, source: string, part = 0): string {
  return join(logDir, `${source}${logSuffix}${part === 0 ? '' : `.${part}`}`);
}

export function logIndex(logDir: string, source: string, part = 0): string {
  return `${logFile(logDir, source, part)}${indexSuffix}`;
}

/** Why a service has as many replicas as it has. */
export function autoscalerLog(service: string): string {
  return `autoscaler-${service}`;
}

/** `job-backend-1f2e3d4c5b6a` */
export function jobSource(service: string, release: string): string {
  return `job-${service}-${release}`;
}
