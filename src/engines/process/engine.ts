/** Engine `process`: hands the files to the supervisor of this machine and waits until they are true. */
import { isGantryError } from '../../errors.ts';
import { connect, type Client } from '../../platforms/local/client.ts';
import { digest, canonical } from '../../stack/names.ts';
import { renderFiles } from '../../stack/render.ts';
import type { Stack } from '../../stack/stack.ts';
import type { Engine, EngineContext, OutputValue, Plan, Progress } from '../engine.ts';
import { fill, wanted } from './args.ts';
import { changes } from './changes.ts';
import { progress } from './json.ts';

export const processEngine: Engine = {
  name: 'process',
  render: (stack, content) => renderFiles(stack, (part) => fill(part, content)),
  check: async () => ({ ok: true, tools: [{ name: 'node', version: process.versions.node, path: process.execPath }] }),
  plan,
  apply,
  outputs,
  destroy,
};

async function plan(stack: Stack, context: EngineContext): Promise<Plan> {
  const files = processEngine.render(stack, context.content);
  const now = await withClient(context, (client) => client.request('desired', {})).catch(nothingRuns);
  return { stack: stack.id, changes: changes(now, wanted(stack, files)), artifact: digest(canonical(files)) };
}

/** Then everything would be created. */
function nothingRuns(error: unknown): undefined {
  if (!isGantryError(error) || error.code !== 'GL1001') throw error;
}

async function* apply(stack: Stack, _plan: Plan, context: EngineContext): AsyncIterable<Progress> {
  const desired = wanted(stack, processEngine.render(stack, context.content));
  yield* streamed(context, async (client, emit) => {
    await client.request('want', { desired });
    if (stack.phase === 'foundation')
      await client.request('awaitResources', {}, { onEvent: (event) => emit(progress(event)), signal: context.signal });
    if (stack.phase === 'release') await client.request('awaitRetired', {}, { onEvent: (event) => emit(progress(event)) });
  });
}

async function outputs(stack: Stack, context: EngineContext): Promise<Record<string, OutputValue>> {
  if (stack.phase !== 'foundation') return {};
  const { outputs: values } = await withClient(context, (client) => client.request('awaitResources', {}, { signal: context.signal }));
  return { ...values };
}

async function* destroy(stack: Stack, context: EngineContext): AsyncIterable<Progress> {
  const nothing = stack.phase === 'foundation' ? { resources: { resources: [] } } : { live: null, next: null, share: 0 };
  yield* streamed(context, async (client, emit) => {
    await client.request('want', { desired: nothing });
    await client.request('awaitRetired', {}, { onEvent: (event) => emit(progress(event)) });
  });
}

async function withClient<T>(context: EngineContext, use: (client: Client) => Promise<T>): Promise<T> {
  const client = await connect(context.control);
  try {
    return await use(client);
  } finally {
    client.close();
  }
}

/** Turns events that arrive by callback into a stream that ends or fails with the work. */
async function* streamed(
  context: EngineContext,
  work: (client: Client, emit: (event: Progress) => void) => Promise<void>,
): AsyncIterable<Progress> {
  const queue: Progress[] = [];
  let wake = (): void => {};
  let running = true;
  const done = withClient(context, (client) =>
    work(client, (event) => {
      queue.push(event);
      wake();
    }),
  ).finally(() => {
    running = false;
    wake();
  });
  done.catch(() => {});
  while (running || queue.length > 0) {
    const next = queue.shift();
    if (next !== undefined) yield next;
    else await new Promise<void>((resolve) => (wake = resolve));
  }
  await done;
}
