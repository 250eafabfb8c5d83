/** What releases have shown of their services: noted at the end of one, read by the guardrails of the next. */
import type { Experience, ServiceExperience } from '../guard/guard.ts';
import { history } from './history.ts';
import type { OpenJournal, StoredEvent } from './journal.ts';
import { platformContext, type Work } from './work.ts';

type Services = Record<string, ServiceExperience>;

const what = 'experience';

/** Notes how long starts took, how much memory the replicas use, and who had to be killed. Nothing fails because it cannot be measured. */
export async function recordExperience(journal: OpenJournal, work: Work): Promise<void> {
  const services = await measured(work).catch((): Services => ({}));
  if (Object.keys(services).length > 0) await journal.note('timing', { what, services });
}

async function measured(work: Work): Promise<Services> {
  const context = platformContext({ ...work, signal: new AbortController().signal });
  const [{ services }, metrics] = await Promise.all([work.platform.status(context), work.platform.metrics(context)]);
  const replicas = 'unsupported' in metrics ? [] : metrics.replicas;
  const known = services.map(({ name, replicas: running, ignoredStop }): readonly [string, ServiceExperience] => {
    const startMs = most(running.map(({ readyMs }) => readyMs));
    const memoryBytes = most(replicas.filter(({ service }) => service === name).map((replica) => replica.memoryBytes));
    return [
      name,
      {
        ...(startMs === undefined ? {} : { startMs }),
        ...(memoryBytes === undefined ? {} : { memoryBytes }),
        ...(ignoredStop === undefined ? {} : { ignoredStop }),
      },
    ];
  });
  return Object.fromEntries(known.filter(([, found]) => Object.keys(found).length > 0));
}

function most(numbers: readonly (number | undefined)[]): number | undefined {
  const known = numbers.filter((number) => number !== undefined);
  return known.length === 0 ? undefined : Math.max(...known);
}

/** The longest start and the most memory of the releases that are looked at; how the last one stopped. */
const lookedAt = 10;

/** Of the releases that this journal has. */
export function experienceIn(events: readonly StoredEvent[], serves: boolean): Experience {
  const records = history(events);
  const kept = new Set(records.filter(({ outcome }) => outcome === 'promoted').map(({ release }) => release)).size;
  const notes = records.flatMap((record) => record.notes).filter((note) => note.about === 'timing' && note['what'] === what);
  const services: Services = {};
  for (const note of notes.slice(-lookedAt)) {
    for (const [name, found] of Object.entries(note['services'] as Services)) services[name] = together(services[name] ?? {}, found);
  }
  return { kept, serves, services };
}

function together(before: ServiceExperience, now: ServiceExperience): ServiceExperience {
  const startMs = most([before.startMs, now.startMs]);
  const memoryBytes = most([before.memoryBytes, now.memoryBytes]);
  const ignoredStop = now.ignoredStop ?? before.ignoredStop;
  return {
    ...(startMs === undefined ? {} : { startMs }),
    ...(memoryBytes === undefined ? {} : { memoryBytes }),
    ...(ignoredStop === undefined ? {} : { ignoredStop }),
  };
}
