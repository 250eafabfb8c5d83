/** One line per step with its elapsed time; on a terminal the line counts up, elsewhere a long step says that it goes on. */
const nameWidth = 22;
const timeWidth = 9;
const quietMs = 15_000;

/**
 * Runs a step and prints its line.
 * @template T
 * @param {string} name
 * @param {string} note shown behind the time
 * @param {() => Promise<T>} action
 * @returns {Promise<T>}
 */
export async function step(name, note, action) {
  const started = performance.now();
  const line = () => `  ${name.padEnd(nameWidth)}${seconds(performance.now() - started).padEnd(timeWidth)}${note}`.trimEnd();
  const stopTicking = tick(line);
  try {
    return await action();
  } finally {
    stopTicking();
    finishLine(line());
  }
}

/** A line without a time. */
export function say(name, note) {
  console.log(`  ${name.padEnd(nameWidth)}${note}`);
}

function tick(line) {
  const terminal = process.stdout.isTTY;
  const show = () => process.stdout.write(terminal ? `\r${line()}` : `${line()} ...\n`);
  const timer = setInterval(show, terminal ? 1000 : quietMs);
  return () => clearInterval(timer);
}

function finishLine(text) {
  process.stdout.write(process.stdout.isTTY ? `\r${text}\n` : `${text}\n`);
}

function seconds(ms) {
  const value = ms / 1000;
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} s`;
}
