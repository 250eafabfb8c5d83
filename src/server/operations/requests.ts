/** From what a page asks for to what the environment is asked for. */
import { nearest } from '../../app/suggest.ts';
import type { App } from '../../app/model.ts';
import { GantryError } from '../../errors.ts';
import type { OperationRequest, ReleaseRequest } from '../../release/request.ts';
import { checkCount } from '../../release/scale-limits.ts';
import type { OperationInput } from '../api/index.ts';
import type { Served } from '../served.ts';

type Steered = Extract<OperationInput, { operation: 'scale' | 'restart' }>;

const asker = 'dashboard';

/** @throws GantryError GC2007 (the typed name is another one), GC1004 (no such service), GC1002 (not so many replicas) */
export function requestOf(served: Pick<Served, 'app' | 'env' | 'commit'>, input: OperationInput): OperationRequest {
  const { app, env } = served;
  if (input.operation === 'scale' || input.operation === 'restart') return steeringRequest(served, input);
  const { confirmed, allow, allowSchemaMismatch } = input;
  const given = { app, env, confirmed, allow, allowSchemaMismatch };
  if (input.operation === 'deploy') return { operation: 'deploy', ...given, ...commitOf(served) };
  if (input.confirm !== env.name)
    throw new GantryError('GC2007', `${JSON.stringify(input.confirm)} is not ${JSON.stringify(env.name)}`, {
      where: env.name,
      state: 'nothing was changed',
    });
  return { operation: 'rollback', ...given, ...(input.release === undefined ? {} : { release: input.release }) };
}

function steeringRequest({ app, env }: Pick<Served, 'app' | 'env'>, input: Steered): OperationRequest {
  if (input.service !== undefined) mustHave(app, input.service);
  if (input.operation === 'restart')
    return { operation: 'restart', app, env, ...(input.service === undefined ? {} : { service: input.service }) };
  checkCount(app, input.service, input.count, asker);
  return { operation: 'scale', app, env, service: input.service, count: input.count };
}

function mustHave({ services }: App, name: string): void {
  if (Object.hasOwn(services, name)) return;
  const names = Object.keys(services);
  const guess = nearest(name, names);
  throw new GantryError('GC1004', `there is no service ${JSON.stringify(name)}`, {
    where: 'gantry.yaml',
    fix: `${guess === undefined ? '' : `did you mean ${guess}? `}services here: ${names.join(', ')}`,
    exitCode: 2,
  });
}

/** A release of an app that differs from the files. What only has to be confirmed is, as long as no data is lost. */
export function trialRequest(served: Pick<Served, 'env' | 'commit'>, app: App): ReleaseRequest {
  const { env } = served;
  return { operation: 'deploy', app, env, allow: [], confirmed: ['yes'], allowSchemaMismatch: false, ...commitOf(served) };
}

function commitOf({ commit }: Pick<Served, 'commit'>): { readonly commit?: string } {
  const hash = commit();
  return hash === undefined ? {} : { commit: hash };
}
