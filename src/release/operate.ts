/** Every change of an environment, under its lock and with a record: release, rollback, scale, restart, destroy. */
import type { Holder } from '../platforms/store.ts';
import { startMeter, type MeterResult } from './meter.ts';
import type { DestroyRequest, OperationRequest, OperationResult, RestartRequest, ScaleRequest } from './request.ts';
import { steeringWork } from './new-work.ts';
import { release, standing, withJournal } from './runner.ts';
import { destroyAll } from './steps/destroy.ts';
import { platformContext, type Tools, type Work } from './work.ts';

/** @throws GantryError GR1001 while another operation runs */
export async function operate(request: OperationRequest, holder: Holder, tools: Tools): Promise<OperationResult> {
  switch (request.operation) {
    case 'scale':
      return steer(request, holder, tools, async (work) => {
        await work.platform.scale(request.service, request.count, platformContext(work));
        await work.journal.note('scale', { service: request.service, count: request.count, who: holder.who, why: 'asked for' });
      });
    case 'restart':
      return steer(request, holder, tools, async (work) => {
        await work.platform.restart(request.service, platformContext(work));
        await work.journal.note('restart', { service: request.service ?? 'all', who: holder.who });
      });
    case 'destroy':
      return destroy(request, holder, tools);
    default:
      return release(request, holder, tools);
  }
}

/** Changes what runs without a new release; users are measured meanwhile. */
async function steer(
  request: ScaleRequest | RestartRequest,
  holder: Holder,
  tools: Tools,
  change: (work: Work) => Promise<void>,
): Promise<OperationResult> {
  const started = performance.now();
  return withJournal(holder, tools, async (journal, lease) => {
    const work = await steeringWork(journal, tools, lease, request);
    const meter = await startMeter(work, () => {});
    let measured: MeterResult | undefined;
    try {
      work.signal.throwIfAborted();
      await change(work);
    } finally {
      measured = await meter?.stop();
      if (measured !== undefined && !lease.lost.aborted)
        await journal.note('meter', { ...measured, of: request.operation }).catch(() => undefined);
    }
    return { ...standing(journal, started), changed: true, ...(measured === undefined ? {} : { meter: measured }) };
  });
}

async function destroy(request: DestroyRequest, holder: Holder, tools: Tools): Promise<OperationResult> {
  const started = performance.now();
  return withJournal(holder, tools, async (journal, lease) => {
    const work = await steeringWork(journal, tools, lease, request);
    await journal.add({ type: 'destroying', who: holder.who });
    await destroyAll(work);
    return { ...standing(journal, started), changed: true };
  });
}
