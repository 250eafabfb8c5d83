/** What targets produce: ordered units of files, each for one engine. */
import type { App, Environment } from '../app/model.ts';

export type EngineName = 'process';
export type BuilderName = 'folder';
export type PlatformName = 'local';

export type SetName = 'live' | 'next';

/** What compile cannot know, as a typed part of a file. A secret's value is never filled into a file. */
export type Part =
  | string
  | { readonly output: readonly [stack: string, name: string] }
  | { readonly secret: string; readonly set?: SetName }
  | { readonly image: string; readonly set: SetName };

export type Phase = 'foundation' | 'migrate' | 'release';

export interface Stack {
  /** Unique in its environment; order follows from `needs`. */
  readonly id: string;
  readonly engine: EngineName;
  readonly phase: Phase;
  readonly needs: readonly string[];
  readonly files: Readonly<Record<string, readonly Part[]>>;
  readonly outputs: Readonly<Record<string, { readonly secret: boolean }>>;
}

/** At rest only `live`; during a release both stand side by side. */
export interface Sets {
  readonly live?: ReleaseRef;
  readonly next?: ReleaseRef;
}

/** What a builder made of a service, by content. */
export interface ContentRef {
  readonly kind: BuilderName;
  /** Content address, hex. */
  readonly address: string;
}

/**
 * What a migration does to the version that ran before it. expand: that version works on. contract: something that it needs is taken away
 * or refused. irreversible: data is gone as well.
 */
export type SchemaEffect = 'expand' | 'contract' | 'irreversible';

/** A migration as a release records it. */
export interface MigrationRecord {
  /** Path of the file in the folder of the service, with `/`. */
  readonly name: string;
  /** SHA-256 of its statements, hex; comments and white space do not count. */
  readonly digest: string;
  readonly effect: SchemaEffect;
  /** What makes it more than `expand`, one line each: `backend/migrations/0042.sql:3 drops the column owner of tasks`. */
  readonly reasons: readonly string[];
}

/** Everything that a release is; compile turns it into files. */
export interface ReleaseRef {
  /** Hash of app, environment, content and secret versions (see `releaseId`). */
  readonly id: string;
  readonly app: App;
  readonly env: Environment;
  /** By service. */
  readonly content: Readonly<Record<string, ContentRef>>;
  /** By secret name; version is a counter kept by the platform. */
  readonly secrets: Readonly<Record<string, number>>;
  /** Replicas to start with, by service. Not part of the id. */
  readonly counts: Readonly<Record<string, number>>;
  /** The migrations in its content, by service; services whose files are not known are left out. Not part of the id. */
  readonly migrations?: Readonly<Record<string, readonly MigrationRecord[]>>;
}
