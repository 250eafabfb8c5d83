/** What every target promises; each target's own test calls it with the fixture apps. */
import { describe, expect, it } from 'vitest';
import { withEnvironment } from '../../src/app/environment-merge.ts';
import { loadApp } from '../../src/app/load.ts';
import type { App, Environment } from '../../src/app/model.ts';
import { ordered } from '../../src/stack/render.ts';
import type { ReleaseRef, Stack } from '../../src/stack/stack.ts';
import { features, type Target } from '../../src/targets/target.ts';

export interface Fixture {
  readonly name: string;
  readonly text: string;
}

export async function fixtureApp(fixture: Fixture): Promise<App> {
  const loaded = await loadApp({ path: `${fixture.name}.yaml`, text: fixture.text });
  if ('issues' in loaded) throw new Error(loaded.issues.map(({ message }) => message).join('\n'));
  return withEnvironment(loaded.app, undefined);
}

export function environmentFor(target: Target): Environment {
  return { name: 'fixture', target: target.name, options: {}, patches: [] };
}

/** A release with made-up, stable content addresses. */
export function releaseOf(id: string, app: App, env: Environment): ReleaseRef {
  const content = Object.fromEntries(
    Object.keys(app.services).map((name, index) => [name, { kind: 'folder' as const, address: `${id}${index}`.padEnd(16, '0') }]),
  );
  return { id, app, env, content, secrets: {}, counts: {} };
}

export function targetContract(target: Target, fixtures: readonly Fixture[]): void {
  describe(`target contract: ${target.name}`, () => {
    it.each(fixtures)('answers for every feature, with a reason where it is not a plain yes: $name', async (fixture) => {
      const app = await fixtureApp(fixture);
      const supports = target.supports(app, environmentFor(target));
      expect(Object.keys(supports).toSorted()).toEqual([...features].toSorted());
      for (const support of Object.values(supports)) if (support.level !== 'yes') expect(support.reason.length).toBeGreaterThan(10);
    });

    it.each(fixtures)('compiles the same input to the same bytes: $name', async (fixture) => {
      const env = environmentFor(target);
      const once = target.compile({
        live: releaseOf('aaaa', await fixtureApp(fixture), env),
        next: releaseOf('bbbb', await fixtureApp(fixture), env),
      });
      const twice = target.compile({
        live: releaseOf('aaaa', await fixtureApp(fixture), env),
        next: releaseOf('bbbb', await fixtureApp(fixture), env),
      });
      expect(JSON.stringify(once)).toBe(JSON.stringify(twice));
    });

    it.each(fixtures)('gives stacks in a possible order, for engines that it names: $name', async (fixture) => {
      const stacks = target.compile({ next: releaseOf('bbbb', await fixtureApp(fixture), environmentFor(target)) });
      expect(new Set(stacks.map(({ id }) => id)).size).toBe(stacks.length);
      expect(ordered(stacks).length).toBe(stacks.length);
      for (const stack of stacks) expect(target.engines).toContain(stack.engine);
      expect(phases(ordered(stacks))).toEqual(phases(ordered(stacks)).toSorted((a, b) => a - b));
    });

    it.each(fixtures)('writes no password or URL of a resource into a file: $name', async (fixture) => {
      const app = await fixtureApp(fixture);
      const stacks = target.compile({ live: releaseOf('aaaa', app, environmentFor(target)) });
      const outputs = stacks
        .flatMap((stack) => Object.values(stack.files))
        .flatMap((parts) => parts.flatMap((part) => (typeof part === 'object' && 'output' in part ? [part.output] : [])));
      for (const [stack, name] of outputs) expect(stacks.find(({ id }) => id === stack)?.outputs[name]?.secret ?? false).toBe(false);
    });
  });
}

function phases(stacks: readonly Stack[]): number[] {
  return stacks.map(({ phase }) => ['foundation', 'migrate', 'release'].indexOf(phase));
}
