/** A release of what the folder says now, without canary, bake and questions: of `up`, `up --watch` and `secret --deploy`. */
import type { OperateResult } from '../platforms/local/protocol.ts';
import type { OpenEnvironment } from './environment.ts';
import { commitOfFolder } from './commit.ts';
import type { Io } from './io.ts';
import { operate, type OperateOptions } from './operate.ts';

/** @throws GantryError GL1001 when the app does not run */
export async function releaseRunning(
  io: Io,
  opened: OpenEnvironment,
  operation: 'up' | 'watch',
  options: OperateOptions = {},
): Promise<OperateResult> {
  const { app, env, project } = opened;
  const commit = commitOfFolder(project.folder);
  const request = {
    operation,
    app,
    env,
    allow: [],
    confirmed: [],
    allowSchemaMismatch: false,
    ...(commit === undefined ? {} : { commit }),
  };
  return operate(io, opened, request, options);
}
