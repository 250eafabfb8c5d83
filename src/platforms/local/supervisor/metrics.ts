/** What the replicas use, as Prometheus text. */
import type { SetName } from '../../../stack/stack.ts';
import type { Identity } from '../../../exec/identity.ts';
import { listProcesses, type ProcessInfo } from './processes.ts';

export interface Usage {
  readonly cpuSeconds: number;
  readonly memoryBytes: number;
}

/** User and system time, and resident memory, of each process group by the pid of its leader. */
export async function usageByGroup(): Promise<ReadonlyMap<number, Usage>> {
  return sumByGroup(await listProcesses());
}

export function sumByGroup(processes: readonly ProcessInfo[]): Map<number, Usage> {
  const sums = new Map<number, Usage>();
  for (const { group, cpuSeconds, memoryBytes } of processes) {
    const sum = sums.get(group) ?? { cpuSeconds: 0, memoryBytes: 0 };
    sums.set(group, { cpuSeconds: sum.cpuSeconds + cpuSeconds, memoryBytes: sum.memoryBytes + memoryBytes });
  }
  return sums;
}

export interface MeasuredReplica {
  readonly id: string;
  readonly service: string;
  readonly release: string;
  readonly set: SetName | 'retired';
  readonly identity: Identity | undefined;
  readonly ready: boolean;
  readonly restarts: number;
  readonly limits: { readonly cpu: number; readonly memory: number };
}

interface Family {
  readonly name: string;
  readonly type: 'counter' | 'gauge';
  readonly help: string;
  readonly samples: readonly Sample[];
}

interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A replica without a process has no usage: it is left out, not shown as 0. */
export function replicaFamilies(replicas: readonly MeasuredReplica[], usage: ReadonlyMap<number, Usage>): Family[] {
  const labels = ({ id, service, release, set }: MeasuredReplica): Record<string, string> => ({ replica: id, service, release, set });
  const used = (pick: (usage: Usage) => number): Sample[] =>
    replicas.flatMap((replica) => {
      const found = replica.identity === undefined ? undefined : usage.get(replica.identity.pid);
      return found === undefined ? [] : [{ labels: labels(replica), value: pick(found) }];
    });
  const each = (pick: (replica: MeasuredReplica) => number): Sample[] =>
    replicas.map((replica) => ({ labels: labels(replica), value: pick(replica) }));
  return [
    {
      name: 'gantry_replica_cpu_seconds_total',
      type: 'counter',
      help: 'User and system time of the process group.',
      samples: used(({ cpuSeconds }) => cpuSeconds),
    },
    {
      name: 'gantry_replica_memory_bytes',
      type: 'gauge',
      help: 'Resident memory of the process group.',
      samples: used(({ memoryBytes }) => memoryBytes),
    },
    {
      name: 'gantry_replica_cpu_limit_cores',
      type: 'gauge',
      help: 'limits.cpu of the service.',
      samples: each(({ limits }) => limits.cpu),
    },
    {
      name: 'gantry_replica_memory_limit_bytes',
      type: 'gauge',
      help: 'limits.memory of the service.',
      samples: each(({ limits }) => limits.memory),
    },
    {
      name: 'gantry_replica_ready',
      type: 'gauge',
      help: '1 when the replica takes requests.',
      samples: each(({ ready }) => Number(ready)),
    },
    {
      name: 'gantry_replica_restarts_total',
      type: 'counter',
      help: 'Restarts after crashes and failed liveness checks.',
      samples: each(({ restarts }) => restarts),
    },
  ];
}

export function gauge(name: string, help: string, samples: readonly Sample[]): Family {
  return { name, type: 'gauge', help, samples };
}

export function exposition(families: readonly Family[]): string {
  return families
    .filter(({ samples }) => samples.length > 0)
    .map(familyText)
    .join('');
}

function familyText({ name, type, help, samples }: Family): string {
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${samples.map((sample) => sampleText(name, sample)).join('')}`;
}

function sampleText(name: string, { labels, value }: Sample): string {
  const text = Object.entries(labels).map(
    ([label, content]) => `${label}="${content.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`,
  );
  return `${name}${text.length === 0 ? '' : `{${text.join(',')}}`} ${value}\n`;
}
