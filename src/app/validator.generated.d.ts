import type { RawEnvironment } from './environment.ts';
import type { RawApp } from './schema.ts';
export function validateApp(value: unknown): value is RawApp;
export function validateEnvironment(value: unknown): value is RawEnvironment;
