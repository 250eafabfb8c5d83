/** 16 random hex digits. `crypto.randomUUID` is missing on plain http, where Taskly must run as well. */
export const randomHex = (): string =>
  [...crypto.getRandomValues(new Uint8Array(8))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
