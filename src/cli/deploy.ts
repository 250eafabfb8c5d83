/** A release of what the folder says, asked of the supervisor and shown step by step. */
import type { Client } from '../platforms/local/client.ts';
import type { DeployResult } from '../platforms/local/protocol.ts';
import type { OpenEnvironment } from './environment.ts';
import type { Io } from './io.ts';
import { whoAmI } from './local.ts';
import { progressPrinter } from './print/progress.ts';

/** Asks the supervisor for a release of what the folder says now, and shows its steps. */
export async function deploy(io: Io, client: Client, opened: OpenEnvironment, operation: 'up' | 'watch'): Promise<DeployResult> {
  const printer = progressPrinter(io);
  try {
    return await client.request('deploy', { app: opened.app, environment: opened.env, who: whoAmI(), operation }, { onEvent: printer });
  } finally {
    printer.end();
  }
}
