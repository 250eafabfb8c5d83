/** The API as one module: the only thing that the dashboard may know of Gantry, and of that only types. */
export * from './common.ts';
export * from './environments.ts';
export * from './events.ts';
export * from './logs.ts';
export * from './metrics.ts';
export * from './operations.ts';
export * from './releases.ts';
export * from './session.ts';
export * from './status.ts';
