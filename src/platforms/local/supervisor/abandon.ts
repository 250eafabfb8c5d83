/** Stopping an app whose state cannot be read: what is recorded as running is ended, nothing is decided. */
import { isAlive } from '../../../exec/identity.ts';
import { openChannel } from '../channel.ts';
import { sleep, systemClock } from './clock.ts';
import type { EventHub } from './event-hub.ts';
import { dismiss, findIngresses } from './ingress-process.ts';
import type { SupervisorOptions } from './options.ts';
import { members, signalAll } from './processes.ts';
import { openRuntime } from './runtime.ts';

const ingressProtocol = 1;
const stopMs = 5000;
const pollMs = 100;

export async function abandon({ places }: SupervisorOptions, hub: EventHub): Promise<number> {
  const channel = await openChannel(places.ingressSocket, ingressProtocol).catch(() => undefined);
  await channel?.call({ op: 'stop', timeoutMs: stopMs }, { timeoutMs: stopMs * 2 }).catch(() => undefined);
  channel?.close();
  await dismiss(await findIngresses(places, []), stopMs, systemClock);
  const runtime = await openRuntime(places.runtimeFile, (message) => hub.say('supervisor', 'state', message, 'warn'));
  let stopped = 0;
  for (const { id, release, port, identity } of runtime.value.replicas) {
    if (identity === undefined || !(await isAlive(identity))) continue;
    const mark = { GANTRY_REPLICA: id, GANTRY_RELEASE: release, PORT: String(port) };
    stopped += 1;
    for (
      const deadline = systemClock.now() + stopMs, rest = async () => members(identity, mark);
      (await rest()).length > 0;
      await sleep(systemClock, pollMs)
    ) {
      await signalAll(await rest(), systemClock.now() > deadline ? 'SIGKILL' : 'SIGTERM');
    }
  }
  await runtime.update(() => ({ replicas: [] }));
  return stopped;
}
