/** Environments side by side: one that gives everything, one that gives less, one that cannot be reached. */
import type { EnvironmentSummary, Support } from '../../src/server/api/index.ts';
import { hostile } from './releases-data.ts';

const yes = (feature: string, path: string): Support => ({ feature, path, level: 'yes' });
const near = (feature: string, path: string, reason: string): Support => ({ feature, path, level: 'approximated', reason });

const asked: readonly Support[] = [
  yes('service.web', 'services.frontend'),
  yes('health', 'services.frontend.health'),
  yes('scale.count', 'services.frontend.scale'),
  yes('scale.cpu', 'services.frontend.scale.cpu'),
  yes('service.web', 'services.backend'),
  yes('health', 'services.backend.health'),
  yes('health.live', 'services.backend.health.live'),
  yes('scale.count', 'services.backend.scale'),
  yes('scale.cpu', 'services.backend.scale.cpu'),
  yes('variables', 'services.backend.variables'),
  yes('migrate', 'services.backend.migrate'),
  yes('resource.postgres', 'resources.db'),
  yes('smoke', 'smoke'),
];

export const local: EnvironmentSummary = {
  name: 'local',
  target: 'local',
  title: 'This machine',
  canTry: true,
  url: 'http://127.0.0.1:8080',
  state: 'running',
  release: { id: '27d5c1a09e42', number: 42 },
  problem: null,
  parity: [...asked, near('resource.storage', 'resources.db.storage', 'data takes what the disk has; the size is not reserved')],
};

export const staging: EnvironmentSummary = {
  ...local,
  name: 'staging',
  target: 'compose',
  title: 'Docker Compose on one host',
  canTry: false,
  url: 'https://staging.taskly.example',
  state: 'degraded',
  release: { id: '90aa41c77e03', number: 7 },
  parity: [
    ...asked.map((support) =>
      support.feature === 'scale.cpu' ? near('scale.cpu', support.path, 'scaling runs while `gantry autoscale staging` runs') : support,
    ),
    yes('resource.storage', 'resources.db.storage'),
    yes('domain', 'environments/staging.domain'),
  ],
};

export const unreachable: EnvironmentSummary = {
  ...local,
  name: 'production',
  target: 'vm',
  title: 'A machine over SSH',
  canTry: false,
  url: '',
  state: 'unknown',
  release: null,
  problem: {
    code: 'GL1001',
    message: 'the place does not answer',
    fix: 'See that the machine is on and that you may reach it, then look again.',
    lines: [],
    exitCode: 1,
  },
  parity: [
    ...asked.map((support): Support =>
      support.feature === 'scale.cpu'
        ? { feature: 'scale.cpu', path: support.path, level: 'no', reason: 'nothing here can start another replica by itself' }
        : support,
    ),
    near('egress', 'environments/production.egress', 'the machine reaches what its network reaches'),
  ],
};

export const side: readonly EnvironmentSummary[] = [local, staging, unreachable];

export const hostileEnvironment: EnvironmentSummary = {
  ...local,
  name: `evil ${hostile.markup}`,
  title: hostile.markup,
  url: 'javascript:document.title="owned"',
  problem: { code: 'GL1001', message: hostile.markup, fix: hostile.rightToLeft, lines: [hostile.steering], exitCode: 1 },
  parity: [near('scale.cpu', hostile.long, hostile.markup)],
};
