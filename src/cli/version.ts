/** Set by the build from package.json. */
declare const GANTRY_VERSION: string | undefined;

export const version: string = typeof GANTRY_VERSION === 'string' ? GANTRY_VERSION : '0.0.0-dev';
