/** `gantry init`: from a listing of a folder to a first gantry.yaml, with a reason for every line. Pure. */
import { GantryError } from '../errors.ts';
import { combine, type AppGuess, type ServiceGuess } from './init/combine.ts';
import { findParts } from './init/find.ts';
import { View, type Listing } from './init/listing.ts';
import { readPackage } from './init/package-json.ts';
import type { Found, Remark } from './init/part.ts';
import { plain, write } from './init/write.ts';

export { isManifest, isTelling, largestText, type ListedFile, type Listing } from './init/listing.ts';

export interface Guess {
  /** What was written, or left out: `api.port: 3000`. */
  readonly what: string;
  readonly why: string;
  /** False when a person should look at it. */
  readonly sure: boolean;
}

/** What only a person knows. `suggestion` is what the text already says; an answer replaces it by running `init` again. */
export interface Question {
  /** `api.port`, `api.health` */
  readonly id: string;
  readonly ask: string;
  readonly suggestion: string;
}

export interface InitResult {
  /** Valid gantry.yaml. */
  readonly text: string;
  readonly guesses: readonly Guess[];
  readonly questions: readonly Question[];
}

/** Answers by the id of their question. */
export type Answers = Readonly<Record<string, string>>;

/** @throws GantryError GA3001 when there is nothing to run in the folder. */
export function init(listing: Listing, answers: Answers = {}): InitResult {
  const { parts, compose } = findParts(listing);
  const usable = parts.filter(({ run, site }) => run !== undefined || site !== undefined);
  if (usable.length === 0)
    throw nothingFound(
      listing,
      parts.flatMap(({ remarks }) => remarks),
    );
  const top = readPackage(new View(listing, '.'));
  const found = combine(listing.folder, top === undefined || top === 'broken' ? undefined : top.name, usable, compose);
  const lost = parts.filter((part) => !usable.includes(part)).flatMap(({ remarks }) => remarks);
  const app = { ...found, remarks: [...lost, ...found.remarks], services: found.services.map((service) => answered(service, answers)) };
  return {
    text: write(app),
    guesses: [...guessesOf(app), ...truncation(listing)],
    questions: app.services.flatMap((service) => questionsOf(service, answers)),
  };
}

function nothingFound(listing: Listing, remarks: readonly Remark[]): GantryError {
  return new GantryError('GA3001', 'nothing to run was found in this folder', {
    where: listing.folder,
    exitCode: 2,
    lines: remarks.map(({ what, why }) => plain(`${what}: ${why}`)),
  });
}

/** A server whose port nobody found still has to say one. */
const usualPort = 3000;

function answered(service: ServiceGuess, answers: Answers): ServiceGuess {
  const { part, name } = service;
  if (part.kind !== 'server') return service;
  const port = Number(answers[`${name}.port`] ?? part.port?.value.number ?? usualPort);
  const health = answers[`${name}.health`] ?? '';
  return {
    ...service,
    part: {
      ...part,
      port:
        part.port?.sure === true && answers[`${name}.port`] === undefined
          ? part.port
          : {
              value: { number: port, fixed: part.port?.value.fixed ?? false },
              why: portReason(service, answers),
              sure: answers[`${name}.port`] !== undefined,
            },
      ...(health === '' ? {} : { health: { value: { path: health }, why: 'as answered', sure: true } }),
    },
  };
}

function portReason({ part, name }: ServiceGuess, answers: Answers): string {
  if (answers[`${name}.port`] !== undefined) return 'as answered';
  return part.port?.why ?? `no port was found in the program; ${usualPort} is only usual`;
}

function questionsOf({ name, part }: ServiceGuess, answers: Answers): readonly Question[] {
  if (part.kind !== 'server') return [];
  const port: Question = {
    id: `${name}.port`,
    ask: `On which port does ${name} listen?`,
    suggestion: String(part.port?.value.number ?? usualPort),
  };
  const health: Question = {
    id: `${name}.health`,
    ask: `Which path of ${name} answers 200 when it is ready? (empty: none)`,
    suggestion: '',
  };
  return [...(part.port?.why.startsWith('no port') ? [port] : []), ...(part.health === undefined ? [health] : [])].filter(
    ({ id }) => answers[id] === undefined,
  );
}

function guessesOf({ services, resources, remarks }: AppGuess): readonly Guess[] {
  return [
    ...services.flatMap(serviceGuesses),
    ...resources.map(({ name, type, version, why }) => ({
      what: `${name}: ${type} ${version.value}`,
      why: version.sure ? why : version.why,
      sure: version.sure,
    })),
    ...remarks.map(({ what, why, sure }) => ({ what, why, sure })),
  ].map(({ what, why, sure }) => ({ what: plain(what), why: plain(why), sure }));
}

function serviceGuesses({ name, part, route, replicas, settings }: ServiceGuess): readonly Guess[] {
  const say = (key: string, found: Found<unknown> | undefined, text: string): readonly Guess[] =>
    found === undefined ? [] : [{ what: `${name}.${key}: ${text}`, why: found.why, sure: found.sure }];
  const words = (value: string | readonly string[]): string => (typeof value === 'string' ? value : value.join(' '));
  return [
    ...part.prepare.flatMap((found) => say('prepare', found, words(found.value))),
    ...say('run', part.kind === 'site' ? undefined : part.run, words(part.run?.value ?? '')),
    ...say('static', part.site, part.site?.value.dir ?? ''),
    ...say('port', part.kind === 'server' ? part.port : undefined, `${part.port?.value.number}${part.port?.value.fixed ? ' (fixed)' : ''}`),
    ...say('route', route, route?.value ?? ''),
    ...say('health', part.kind === 'server' ? part.health : undefined, part.health?.value.path ?? ''),
    ...say('replicas', replicas, String(replicas?.value)),
    ...say('migrate', part.migrate, words(part.migrate?.value ?? '')),
    ...variableGuesses(name, settings),
    ...settings.secrets.flatMap((found) =>
      say('secrets', found, `${found.value} (enter it with \`gantry secret set local ${found.value}\`)`),
    ),
  ];
}

function truncation({ truncated }: Listing): readonly Guess[] {
  return truncated
    ? [
        {
          what: 'not everything was looked at',
          why: 'the folder holds very many files; parts that lie deep in it may be missing',
          sure: false,
        },
      ]
    : [];
}

/** Variables with the same reason are one guess. */
function variableGuesses(service: string, { variables }: ServiceGuess['settings']): readonly Guess[] {
  const reasons = [...new Set(Object.values(variables).map(({ why }) => why))];
  return reasons.map((why) => {
    const same = Object.entries(variables).filter(([, found]) => found.why === why);
    return {
      what: `${service}.variables: ${same.map(([key, { value }]) => `${key}=${value}`).join(', ')}`,
      why,
      sure: same.every(([, found]) => found.sure),
    };
  });
}
