/**
 * Which set a user stays with while two of them share the requests: a cookie that the ingress gives with a page, and keeps from the app. Pure.
 */
import { cookiePrefix, headerValue } from './headers.ts';

/** Cookies do not know ports: apps on other ports of the same host must not take each other's for theirs. */
export function cookieName(port: number): string {
  return `${cookiePrefix}${port}`;
}

/** The value for a release, which makes a cookie of an earlier release one of no set. */
export function cookieValue(release: string): string {
  return encodeURIComponent(release);
}

export function givenCookie(name: string, release: string): string {
  return `${name}=${cookieValue(release)}; Path=/; HttpOnly; SameSite=Lax`;
}

export function removedCookie(name: string): string {
  return `${name}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax`;
}

/**
 * Takes the ingress's cookie out of the headers that the app gets; every other cookie stays as it is, byte for byte.
 * @returns its value; the first one, should there be several
 */
export function takeCookie(headers: string[], name: string): string | undefined {
  let taken: string | undefined;
  for (let at = 0; at < headers.length; at += 2) {
    if (headers[at]?.toLowerCase() !== 'cookie') continue;
    const cookies = (headers[at + 1] ?? '').split(';');
    const others = cookies.filter((cookie) => nameOf(cookie) !== name);
    if (others.length === cookies.length) continue;
    taken ??= valueOf(cookies.find((cookie) => nameOf(cookie) === name) ?? '');
    if (others[0] !== cookies[0]) others[0] = others[0]?.trimStart() ?? '';
    headers[at + 1] = others.join(';');
    if (headers[at + 1]?.trim() !== '') continue;
    headers.splice(at, 2);
    at -= 2;
  }
  return taken;
}

function nameOf(cookie: string): string {
  const equals = cookie.indexOf('=');
  return (equals === -1 ? cookie : cookie.slice(0, equals)).trim();
}

function valueOf(cookie: string): string {
  return cookie.slice(cookie.indexOf('=') + 1).trim();
}

/** Whether a browser asks for a page to show: what it then loads for the page must come from the same set. */
export function navigates(method: string, headers: readonly string[], accept: string): boolean {
  if (method !== 'GET' && method !== 'HEAD') return false;
  const mode = headerValue(headers, 'sec-fetch-mode');
  return mode === undefined ? prefersHtml(accept) : mode === 'navigate';
}

/** Whether HTML is the first of the types that are wanted most. */
export function prefersHtml(accept: string): boolean {
  let best = { type: '', quality: 0 };
  for (const part of accept.split(',')) {
    const quality = qualityOf(part);
    if (quality > best.quality) best = { type: part.split(';', 1)[0]?.trim().toLowerCase() ?? '', quality };
  }
  return best.type === 'text/html' || best.type === 'application/xhtml+xml';
}

function qualityOf(part: string): number {
  const given = /;\s*q=([^;\s]*)/i.exec(part)?.[1];
  return given === undefined ? 1 : Number(given) || 0;
}
