import { describe, expect, it } from 'vitest';
import { rules } from './index.ts';
import { blockedBy, guardLine, judge } from './judge.ts';
import { contextOf, plain, webApp, type Setting } from './testing/app-folder.ts';

const mute = { 'gantry.yaml': webApp('run: node server.js', 'port: 3000', 'route: /') };
const list = "const todos = [];\napp.post('/todos', (request) => {\n  todos.push(request.body);\n});\n";
const judged = async (setting: Setting, allow: Parameters<typeof judge>[1] = []): ReturnType<typeof judge> =>
  judge(await contextOf(setting), allow, ['files']);

describe('the list of rules', () => {
  it('has every rule once, in order, with all of its text', () => {
    const ids = rules.map(({ text }) => text.id);
    expect(ids).toEqual([...new Set(ids)].toSorted());
    for (const { text } of rules)
      for (const part of [text.title, text.severity, text.cause, text.fix]) expect(part.length).toBeGreaterThan(3);
  });
});

describe('judging', () => {
  it('blocks, and says everything at once', async () => {
    const { blocked } = await judged({
      files: { ...mute, 'gantry.yaml': webApp(...plain.slice(0, 3), 'replicas: 2'), 'web/server.js': list },
    });
    expect(blocked.map(({ id }) => id)).toEqual(['G01', 'G07']);
    const error = blockedBy(blocked, 'local');
    expect(error.message).toBe('2 guardrails stop this release');
    expect(error.lines[0]).toBe('G01  web runs 2 replicas but keeps its data in memory  web/server.js:1');
    expect(error.fix).toContain('--allow G01 "reason"');
  });

  it('only warns while somebody edits, except about what would mislead them', async () => {
    const files = { 'gantry.yaml': webApp(...plain.slice(0, 3), 'replicas: 2'), 'web/server.js': list };
    const { findings, blocked } = await judged({ files, more: { purpose: 'up' } });
    expect(findings.map(({ id, severity }) => `${id} ${severity}`)).toEqual(['G01 block', 'G07 warn', 'G11 warn']);
    expect(blocked.map(({ id }) => id)).toEqual(['G01']);
    expect(findings.every((finding) => !('stopsUp' in finding))).toBe(true);
  });

  it('lets pass what is allowed, with the reason, also what found nothing', async () => {
    const allow = [
      { id: 'G07', reason: 'the port is enough' },
      { id: 'G15', reason: 'trial' },
    ];
    const result = await judged({ files: mute }, allow);
    expect(result.blocked).toEqual([]);
    expect(result.allowed).toEqual([
      { id: 'G07', reason: 'the port is enough', found: true },
      { id: 'G15', reason: 'trial', found: false },
    ]);
    expect(guardLine(result)).toBe(
      `${result.rules} rules, 2 warnings (G11, G25), 2 allowed (G07 "the port is enough", G15 "trial", which found nothing)`,
    );
  });

  it('refuses an allowance of a rule that does not exist', async () => {
    await expect(judged({ files: mute }, [{ id: 'G99', reason: 'x' }])).rejects.toMatchObject({
      code: 'GR1006',
      message: 'there is no guardrail G99',
      exitCode: 2,
    });
  });

  it('asks what has to be confirmed, once it is planned', async () => {
    const changes = [{ kind: 'delete' as const, subject: 'resource/db', detail: '', downtime: false, dataLoss: true }];
    const context = await contextOf({ files: mute, more: { changes } });
    const { questions, rules: count } = await judge(context, [], ['plan']);
    expect(questions).toEqual([{ id: 'G23', text: 'the plan deletes resource/db: its data would be gone' }]);
    expect(count).toBe(3);
  });
});
