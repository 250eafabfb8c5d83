import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { buildService, type Service } from './app.ts';
import { ConfigError, readConfig, type Config } from './config.ts';

async function start(config: Config): Promise<void> {
  const log = pino({
    level: config.logLevel,
    base: { release: config.release, replica: config.replica },
    timestamp: pino.stdTimeFunctions.isoTime,
  });
  const service = await buildService(config, log);
  let stopping = false;
  const onSignal = (signal: string): void => {
    // Whoever asks twice does not want to wait.
    if (stopping) process.exit(1);
    stopping = true;
    log.info({ signal }, 'stopping');
    void stop(service, config).then(
      (clean) => process.exit(clean ? 0 : 1),
      () => process.exit(1),
    );
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
  service.listener.start();
  service.janitor.start();
  await service.app.listen({ port: config.port, host: config.host });
}

/**
 * Not ready any more; streams are sent elsewhere; new requests are still answered, with `Connection: close`, until nobody sends any;
 * then those in flight are finished. @returns whether all of them could be
 */
async function stop({ app, deps, listener, janitor }: Service, config: Config): Promise<boolean> {
  deps.lifecycle.draining = true;
  janitor.stop();
  deps.hub.close();
  await sleep(config.drainMs);
  const clean = await Promise.race([app.close().then(() => true), sleep(config.graceMs, false)]);
  if (!clean) app.server.closeAllConnections();
  await Promise.race([Promise.allSettled([deps.db.end(), listener.stop()]), sleep(1000)]);
  return clean;
}

try {
  await start(readConfig(process.env));
} catch (error) {
  console.error(error instanceof ConfigError ? `taskly: ${error.message}` : error);
  process.exit(1);
}
