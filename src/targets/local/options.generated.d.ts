export function accepts(options: unknown): boolean;
