import type { EngineName } from '../stack/stack.ts';
import type { Engine } from './engine.ts';
import { processEngine } from './process/engine.ts';

export const engines: Readonly<Record<EngineName, Engine>> = { process: processEngine };
