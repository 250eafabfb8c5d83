/** Smoke checks: the next set is asked what users will ask, before they do. */
import { request } from 'node:http';
import type { SmokeCheck } from '../app/model.ts';
import { GantryError } from '../errors.ts';

export interface SmokeTarget {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

const answerTimeoutMs = 10_000;
const keptBytes = 1024 * 1024;
const shownCharacters = 200;

export interface Answer {
  readonly status: number;
  readonly body: string;
  /** As the headers `content-type` and `location` say. */
  readonly type?: string | undefined;
  readonly location?: string | undefined;
}

/** Runs the checks in order. Ends at the first that fails. @throws GantryError GR3001 */
export async function smoke(checks: readonly SmokeCheck[], target: SmokeTarget, signal: AbortSignal): Promise<number> {
  for (const check of checks) {
    const answer = await ask(check, target, signal);
    const problem = judge(check, answer);
    if (problem !== undefined)
      throw new GantryError('GR3001', `${check.method} ${check.path} ${problem}`, { where: 'smoke', lines: excerpt(answer.body) });
  }
  return checks.length;
}

/** What is wrong with an answer, in words; undefined when it is as expected. */
export function judge(check: SmokeCheck, answer: Answer): string | undefined {
  const { status, json, contains } = check.expect;
  if (answer.status !== status) return `expected ${status}, got ${answer.status}`;
  if (contains !== undefined && !answer.body.includes(contains)) return `expected a body that contains ${JSON.stringify(contains)}`;
  if (json !== undefined && !contained(json, parse(answer.body))) return `expected JSON that contains ${JSON.stringify(json)}`;
  return undefined;
}

function contained(wanted: unknown, actual: unknown): boolean {
  if (typeof wanted !== 'object' || wanted === null) return wanted === actual;
  if (typeof actual !== 'object' || actual === null) return false;
  const fields = new Map(Object.entries(actual));
  return Object.entries(wanted).every(([key, value]) => fields.has(key) && contained(value, fields.get(key)));
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function excerpt(body: string): string[] {
  return body === '' ? [] : [body.slice(0, shownCharacters)];
}

async function ask(check: SmokeCheck, target: SmokeTarget, signal: AbortSignal): Promise<Answer> {
  const body = check.body === undefined ? undefined : typeof check.body === 'string' ? check.body : JSON.stringify(check.body);
  const type: Record<string, string> = typeof check.body === 'object' ? { 'content-type': 'application/json' } : {};
  const headers = { ...type, ...check.headers, ...target.headers, connection: 'close' };
  try {
    return await answerOf(new URL(check.path, target.url), check.method, headers, body, signal);
  } catch (error) {
    throw new GantryError('GR3001', `${check.method} ${check.path} got no answer: ${(error as Error).message}`, {
      where: 'smoke',
      cause: error,
    });
  }
}

/** One request without a retry; no redirect is followed. Rejects on anything but a whole answer in time. */
export async function answerOf(
  url: URL,
  method: string,
  headers: Record<string, string>,
  body: string | undefined,
  signal: AbortSignal,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const deadline = AbortSignal.any([signal, AbortSignal.timeout(answerTimeoutMs)]);
    const sent = request(url, { method, headers, signal: deadline }, (response) => {
      const chunks: Buffer[] = [];
      let size = 0;
      response.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size <= keptBytes) chunks.push(chunk);
      });
      response.on('end', () => {
        const { statusCode: status = 0, headers } = response;
        resolve({ status, body: Buffer.concat(chunks).toString('utf8'), type: headers['content-type'], location: headers.location });
      });
      response.on('error', reject);
    });
    sent.on('error', reject);
    sent.end(body);
  });
}
