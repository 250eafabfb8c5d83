import { useLocation } from 'wouter';
import type { Overview, Shape } from '../../../src/server/api/index.ts';
import { apiIn, pathIn, useGet } from '../server/hooks.ts';
import { useActions, type Action } from './actions.ts';
import { samePageIn } from './pages.ts';

/** Everything that one can go to from anywhere. */
export function useGoActions(environment: string, overview: Overview | undefined): void {
  const [location, navigate] = useLocation();
  const { data: shape } = useGet<Shape>(apiIn(environment, 'shape'), { enabled: environment !== '' });
  const summary = overview?.environments.find(({ name }) => name === environment);
  const go = (title: string, page: string, keys?: string, words = ''): Action => ({
    id: `go ${page}`,
    title,
    group: 'Go to',
    words,
    ...(keys === undefined ? {} : { keys }),
    run: () => navigate(pathIn(environment, page)),
  });
  useActions(
    [
      go('Overview', '', 'g o', 'topology replicas'),
      go('Releases', 'releases', 'g r', 'history rollback'),
      go('Logs', 'logs', 'g l', 'search follow'),
      go('Scaling and metrics', 'metrics', 'g m', 'cpu memory latency charts'),
      ...(summary?.canTry === true ? [go('Try it', 'try', 'g t', 'kill freeze slow')] : []),
      go('Plan: what a deploy would change', 'plan', 'g p', 'diff'),
      { ...go('Environments', 'environments', 'g e', 'parity targets'), run: () => navigate('/environments') },
      ...(overview?.environments ?? []).map(({ name, title, state }) => ({
        id: `environment ${name}`,
        title: `${name} (${title}, ${state})`,
        group: 'Environment' as const,
        run: () => navigate(samePageIn(location, name)),
      })),
      ...(shape?.services ?? []).map(({ name }) => ({
        id: `logs ${name}`,
        title: `Logs of ${name}`,
        group: 'Logs' as const,
        run: () => navigate(`${pathIn(environment, 'logs')}?service=${encodeURIComponent(name)}`),
      })),
    ],
    'shell',
  );
}
