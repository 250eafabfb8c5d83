import { cpus, freemem, totalmem } from 'node:os';

const everyMs = 1_000;

/** Measures how busy all cores together were during the last second. */
export class CpuMeter {
  #percent = 0;
  #last = cpuTimes();
  #timer = setInterval(() => this.#measure(), everyMs);

  /** 0 to 100, with one digit behind the point. */
  percent() {
    return this.#percent;
  }

  stop() {
    clearInterval(this.#timer);
  }

  #measure() {
    const now = cpuTimes();
    this.#percent = share(now.busy - this.#last.busy, now.total - this.#last.total);
    this.#last = now;
  }
}

/** Bytes, and the percentage of memory in use. */
export function memory() {
  const total = totalmem();
  const used = total - freemem();
  return { total, used, percent: share(used, total) };
}

function cpuTimes() {
  let idle = 0;
  let total = 0;
  for (const { times } of cpus()) {
    idle += times.idle;
    total += times.user + times.nice + times.sys + times.idle + times.irq;
  }
  return { busy: total - idle, total };
}

function share(part, whole) {
  return whole === 0 ? 0 : Math.round((1000 * part) / whole) / 10;
}
