import type { PlatformName } from '../stack/stack.ts';
import { localPlatform } from './local/platform.ts';
import type { Platform } from './platform.ts';

export const platforms: Readonly<Record<PlatformName, Platform>> = { local: localPlatform };
