/** A resource whose server is a small program that listens. */
import { closeSync } from 'node:fs';
import { dirname } from 'node:path';
import { mkdirSync, openSync } from 'node:fs';
import { background } from '../../../../exec/exec.ts';
import { identify, isAlive } from '../../../../exec/identity.ts';
import { GantryError } from '../../../../errors.ts';
import { freePort } from '../free-port.ts';
import { probeTcp } from '../probe.ts';
import { signalGroup } from '../processes.ts';
import type { ResourceContext, ResourceDriver, RunningResource } from '../resources.ts';
import type { ResourceSpec } from '../../../../stack/process.ts';

const program = "require('node:net').createServer().listen(Number(process.argv[1]), '127.0.0.1')";

export function fakeResource(type: ResourceSpec['type']): ResourceDriver {
  const running = (spec: ResourceSpec, record: RunningResource['record'], context: ResourceContext): RunningResource => ({
    record,
    version: `${spec.version}.0`,
    connection: `${type}://127.0.0.1:${record.port}`,
    outputs: { host: '127.0.0.1', port: record.port, user: spec.user, password: context.password },
  });
  return {
    type,
    async start(spec, context) {
      if (spec.version === 0) throw new GantryError('GL1028', 'there is no version 0');
      const port = context.port ?? (await freePort(new Set()));
      mkdirSync(dirname(context.logFile), { recursive: true });
      const log = openSync(context.logFile, 'a');
      const { pid } = await background({
        argv: [process.execPath, '-e', program, String(port)],
        cwd: '/',
        env: {},
        stdio: ['ignore', log, log],
      });
      closeSync(log);
      const identity = await identify(pid);
      while (!(await probeTcp(port, 200)).passed) await new Promise((resolve) => setTimeout(resolve, 10));
      return running(spec, { name: spec.name, type, port, ...(identity === undefined ? {} : { identity }) }, context);
    },
    adopt: async (spec, record, context) =>
      record.identity !== undefined && (await isAlive(record.identity)) ? running(spec, record, context) : undefined,
    async stop({ record }) {
      if (record.identity === undefined) return;
      await signalGroup(record.identity, 'SIGKILL');
      while (await isAlive(record.identity)) await new Promise((resolve) => setTimeout(resolve, 10));
    },
    check: async ({ record }) => (await probeTcp(record.port, 500)).passed,
  };
}
