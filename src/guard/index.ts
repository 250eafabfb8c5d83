/** All guardrails, one line each. */
import { differentBuilds, hostInBundle } from './frontend.ts';
import type { Rule } from './guard.ts';
import { noHealth, slowStart } from './health.ts';
import { mutableImages } from './images.ts';
import { destructiveMigrations } from './migrations/rule.ts';
import { sharedPlaces } from './neighbours.ts';
import { destroying, largeBlast, losesData } from './plan.ts';
import { machineReady } from './preflight.ts';
import { noWayBack } from './rollback.ts';
import { noHeadroom, oneReplica, tightMemory } from './scale.ts';
import { secretsInFiles } from './secrets.ts';
import { noSmoke } from './smoke.ts';
import { untraceable, untried } from './source.ts';
import { stateInMemory } from './state.ts';
import { badStop, keepAliveRace } from './stop.ts';

/** In the order of their ids. */
export const rules: readonly Rule[] = [
  stateInMemory,
  mutableImages,
  secretsInFiles,
  noHealth,
  slowStart,
  hostInBundle,
  differentBuilds,
  noSmoke,
  noWayBack,
  keepAliveRace,
  badStop,
  oneReplica,
  tightMemory,
  destroying,
  losesData,
  largeBlast,
  untraceable,
  untried,
  destructiveMigrations,
  sharedPlaces,
  noHeadroom,
  machineReady,
];
