/** What every engine promises; each engine's own test calls it with a real place to work on. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ChangeKind, Engine, EngineContext } from '../../src/engines/engine.ts';
import type { Stack } from '../../src/stack/stack.ts';

export interface EngineUnderTest {
  readonly engine: Engine;
  readonly context: EngineContext;
  /** Something that can be applied, and the same with one part changed. */
  readonly stack: Stack;
  readonly changed: Stack;
  end(): Promise<void>;
}

export function engineContract(name: string, open: () => Promise<EngineUnderTest>): void {
  describe(`engine contract: ${name}`, () => {
    let under: EngineUnderTest;
    beforeAll(async () => {
      under = await open();
    });
    afterAll(async () => under.end());

    const kinds = async (stack: Stack): Promise<ChangeKind[]> =>
      (await under.engine.plan(stack, under.context)).changes.map(({ kind }) => kind);

    async function apply(stack: Stack): Promise<void> {
      const plan = await under.engine.plan(stack, under.context);
      for await (const progress of under.engine.apply(stack, plan, under.context)) expect(progress.subject).not.toBe('');
    }

    it('renders every file of a stack, the same stack to the same bytes', () => {
      const { engine, stack, context } = under;
      const once = engine.render(stack, context.content);
      expect(Object.keys(once)).toEqual(Object.keys(stack.files));
      expect(engine.render(stack, context.content)).toEqual(once);
    });

    it('names its tools with their versions', async () => {
      const report = await under.engine.check(under.context);
      expect(report.ok).toBe(true);
      for (const tool of report.tools)
        expect(tool).toMatchObject({ name: expect.any(String) as string, version: expect.any(String) as string });
    });

    it('plans to create what is not there, makes it so, and then plans nothing', async () => {
      expect(new Set(await kinds(under.stack))).toEqual(new Set(['create']));
      await apply(under.stack);
      expect(new Set(await kinds(under.stack))).toEqual(new Set(['unchanged']));
    });

    it('does nothing when the same is applied twice', async () => {
      await apply(under.stack);
      expect(new Set(await kinds(under.stack))).toEqual(new Set(['unchanged']));
    });

    it('plans an update, with what differs, for what has changed', async () => {
      const { changes } = await under.engine.plan(under.changed, under.context);
      const updates = changes.filter(({ kind }) => kind === 'update');
      expect(updates.length).toBe(1);
      expect(updates[0]?.detail).not.toBe('');
      await apply(under.changed);
      expect(new Set(await kinds(under.changed))).toEqual(new Set(['unchanged']));
    });

    it('gives no secret among its outputs', async () => {
      const outputs = Object.keys(await under.engine.outputs(under.changed, under.context));
      const secret = Object.keys(under.changed.outputs).filter((output) => under.changed.outputs[output]?.secret === true);
      expect(outputs.filter((output) => secret.includes(output))).toEqual([]);
    });

    it('leaves nothing after destroy, and destroying nothing is no error', async () => {
      for (let time = 1; time <= 2; time += 1) {
        for await (const progress of under.engine.destroy(under.changed, under.context)) expect(progress.state).not.toBe('failed');
      }
      expect(new Set(await kinds(under.stack))).toEqual(new Set(['create']));
    });
  });
}
