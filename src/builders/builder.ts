/** The contract of a builder: it turns a service's source into content with an address. */
import type { Service } from '../app/model.ts';
import type { BuilderName, ContentRef } from '../stack/stack.ts';

export interface BuildContext {
  /** Folder of the app file, absolute. */
  readonly folder: string;
  /** Folder that survives everything but `destroy` (see platforms/local/places.ts). */
  readonly cacheDir: string;
  readonly signal: AbortSignal;
  /** A line of output of the build, or a sentence of the builder itself. */
  report(line: string): void;
}

export interface ToolReport {
  readonly ok: boolean;
  /** One line per tool: name, version, where it was found, or what is missing and how to get it. */
  readonly tools: readonly {
    readonly name: string;
    readonly version?: string;
    readonly path?: string;
    readonly problem?: string;
    readonly fix?: string;
  }[];
}

export interface Builder {
  readonly name: BuilderName;
  check(context: BuildContext): Promise<ToolReport>;
  /** The address of what `build` would make, without making it. */
  address(service: Service, context: BuildContext): Promise<ContentRef>;
  /** Equal content is not built twice. */
  build(service: Service, context: BuildContext): Promise<ContentRef>;
  /** Takes content to the place where it will run and gives the digest under which it is found there; absent where it runs from here. */
  push?(content: ContentRef, context: BuildContext): Promise<string>;
  has(content: ContentRef, context: BuildContext): Promise<boolean>;
  /** Where content lies as files on this machine, absolute; absent where it does not. */
  folder?(content: ContentRef, context: Pick<BuildContext, 'cacheDir'>): string;
  /** Removes what no kept release needs; the newest others stay, so that going back and forth costs nothing. */
  prune(keep: readonly ContentRef[], context: Pick<BuildContext, 'cacheDir'>): Promise<void>;
}
