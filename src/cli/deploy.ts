/** A release of what the folder says, asked of the supervisor and shown step by step. */
import type { Client } from '../platforms/local/client.ts';
import type { OperateResult } from '../platforms/local/protocol.ts';
import type { ReleaseRequest } from '../release/request.ts';
import type { OpenEnvironment } from './environment.ts';
import type { Io } from './io.ts';
import { whoAmI } from './local.ts';
import { progressPrinter } from './print/progress.ts';

/** Asks the supervisor for a release of what the folder says now, and shows its steps. */
export async function deploy(io: Io, client: Client, opened: OpenEnvironment, operation: 'up' | 'watch'): Promise<OperateResult> {
  const printer = progressPrinter(io);
  const request: ReleaseRequest = { operation, app: opened.app, env: opened.env, allow: [], confirmed: [], allowSchemaMismatch: false };
  try {
    return await client.request('operate', { operation, request, who: whoAmI(), path: io.env['PATH'] ?? '' }, { onEvent: printer });
  } finally {
    printer.end();
  }
}
