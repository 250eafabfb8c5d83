import type { BuilderName } from '../stack/stack.ts';
import type { Builder } from './builder.ts';
import { folderBuilder } from './folder/builder.ts';

export const builders: Readonly<Record<BuilderName, Builder>> = { folder: folderBuilder };
