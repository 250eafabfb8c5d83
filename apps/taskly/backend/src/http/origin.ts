import type { FastifyRequest } from 'fastify';
import { ApiError } from '../errors.ts';

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Cross-site request forgery: browsers name where a changing request comes from, and pages cannot forge that. Programs that name nothing
 * bring no cookie of anybody else. SameSite=Lax and the JSON-only body stand behind this check.
 */
export async function refuseOtherSites(request: FastifyRequest): Promise<void> {
  if (SAFE.has(request.method)) return;
  const site = request.headers['sec-fetch-site'];
  if (site === 'same-origin' || site === 'none') return;
  if (site === undefined && comesFromHost(request)) return;
  throw new ApiError('cross_origin', 'This request came from another site and was refused.');
}

function comesFromHost(request: FastifyRequest): boolean {
  const { origin } = request.headers;
  if (origin === undefined) return true;
  return URL.canParse(origin) && new URL(origin).host === request.host;
}
