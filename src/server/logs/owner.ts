/** Whose a log is, by the name of its source. */
import type { App } from '../../app/model.ts';
import type { LogEntry } from '../api/index.ts';

export type Owner = Pick<LogEntry, 'service' | 'replica'>;

const nobody: Owner = { service: null, replica: null };
/** Of a service that the app's file does not have, any more or yet. */
const replicaName = /^(.+)-[0-9a-f]{4}(?:[0-9a-f]{8})?-[0-9]+$/;
const jobName = /^job-(.+)-[0-9a-f]{12}$/;

/** `backend-3f9a-1` is a replica of `backend`, `job-backend-3f9a1c2d4e5f` a job of it; of several services that fit, the one with the longest name. */
export function ownerOf(source: string, { services, resources }: Pick<App, 'services' | 'resources'>): Owner {
  if (Object.hasOwn(resources, source)) return nobody;
  const [best] = Object.keys(services)
    .flatMap((service) => fits(source, service))
    .toSorted((a, b) => b.length - a.length);
  return best?.owner ?? unknownOwner(source);
}

/** With the length of what the name begins with. */
function fits(source: string, service: string): { readonly length: number; readonly owner: Owner }[] {
  const job = `job-${service}-`;
  const replica = `${service}-`;
  return [
    ...(source.startsWith(job) && /^[0-9a-z]+$/.test(source.slice(job.length))
      ? [{ length: job.length, owner: { service, replica: null } }]
      : []),
    ...(source.startsWith(replica) && /^[0-9a-z]+-[0-9]+$/.test(source.slice(replica.length))
      ? [{ length: replica.length, owner: { service, replica: source } }]
      : []),
  ];
}

function unknownOwner(source: string): Owner {
  const job = jobName.exec(source)?.[1];
  if (job !== undefined) return { service: job, replica: null };
  const service = replicaName.exec(source)?.[1];
  return service === undefined ? nobody : { service, replica: source };
}
