/** What a plan has to know of the folder as it is now; nothing is built. */
import { builders } from '../builders/index.ts';
import { placesOf } from '../platforms/local/places.ts';
import { schemaHarm } from '../release/schema.ts';
import type { ContentRef, MigrationRecord, ReleaseRef } from '../stack/stack.ts';
import type { OpenEnvironment } from './environment.ts';

/** Of what would be built. */
export async function addresses({ app, project, target, context }: OpenEnvironment): Promise<Record<string, ContentRef>> {
  const [name = 'folder'] = target.builders;
  const { signal } = context;
  const build = { folder: project.folder, cacheDir: placesOf(project.folder).cacheDir, signal, report: () => {} };
  const services = Object.values(app.services).filter(({ image }) => image === undefined);
  const found = services.map(async (service) => [service.name, await builders[name].address(service, build)] as const);
  return Object.fromEntries(await Promise.all(found));
}

/** The migrations are read where they are written. */
export async function harmOf({ app, project, target }: OpenEnvironment, live: ReleaseRef | undefined): Promise<readonly MigrationRecord[]> {
  const [name = 'folder'] = target.builders;
  const { folder } = project;
  return schemaHarm({ app, live, builder: builders[name], content: {}, cacheDir: placesOf(folder).cacheDir, folder });
}
