/** The kinds of resource that the local platform can run. */
import type { ResourceDrivers } from '../supervisor/resources.ts';

export { findPostgres } from './postgres-programs.ts';

export const resourceDrivers: ResourceDrivers = {
  postgres: async () => (await import('./postgres.ts')).postgresDriver,
  redis: async () => (await import('./redis.ts')).redisDriver,
};
