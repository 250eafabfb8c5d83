/** What `init` knows about a folder: names and sizes of its files, and the texts of those that tell something. */

export interface Listing {
  /** Absolute path of the folder; its last part may become the name of the app. */
  readonly folder: string;
  /** Regular files, in any order. */
  readonly files: readonly ListedFile[];
  /** Contents by path, of those files for which `isTelling` says yes. */
  readonly texts: Readonly<Record<string, string>>;
  /** True when the folder holds more than was looked at. */
  readonly truncated: boolean;
}

export interface ListedFile {
  /** Relative to the folder, with `/` between its parts. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
}

/** Larger files are listed but not read. */
export const largestText = 256 * 1024;

const manifests =
  /^(package\.json|pnpm-workspace\.yaml|vite\.config\.[cm]?[jt]s|next\.config\.[cm]?[jt]s|astro\.config\.[cm]?[jt]s|svelte\.config\.[cm]?[jt]s|angular\.json|requirements\.txt|pyproject\.toml|Pipfile|manage\.py|go\.mod|Procfile|(docker-)?compose\.ya?ml|.*Dockerfile.*|\.env\.(example|sample|template|dist)|schema\.prisma)$/;
const sources = /\.([cm]?[jt]s|[jt]sx|py|go|html)$|(^|\/)bin\/www$/;
const quiet =
  /(^|\/)(tests?|__tests__|e2e|spec|examples?|fixtures?|docs?|vendor|storybook|\.[^/]+)\/|\.(test|spec|stories|min|d)\.[cm]?[jt]sx?$|(^|\/)test_[^/]+\.py$|_test\.go$/;

/** Whether the text of a file can say something about how the app runs. */
export function isTelling({ path, size }: ListedFile): boolean {
  if (size > largestText) return false;
  const name = baseName(path);
  return manifests.test(name) || (sources.test(path) && !quiet.test(path));
}

/** Manifests come before sources when not everything can be read. */
export function isManifest(path: string): boolean {
  return manifests.test(baseName(path));
}

/** Whether the file belongs to tests, examples or documentation rather than to the program. */
export function isQuiet(path: string): boolean {
  return quiet.test(path);
}

export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** Folder of a file; `.` for the top. */
export function folderOf(path: string): string {
  const end = path.lastIndexOf('/');
  return end < 0 ? '.' : path.slice(0, end);
}

export function join(folder: string, path: string): string {
  return folder === '.' ? path : `${folder}/${path}`;
}

/** Path relative to the folder, or undefined when it lies elsewhere. */
export function within(folder: string, path: string): string | undefined {
  if (folder === '.') return path;
  return path.startsWith(`${folder}/`) ? path.slice(folder.length + 1) : undefined;
}

/** One folder of the listing, without the parts below it that are programs of their own. */
export class View {
  readonly folder: string;
  readonly #texts: ReadonlyMap<string, string>;
  readonly #paths: ReadonlySet<string>;

  constructor(listing: Listing, folder: string, others: readonly string[] = []) {
    const mine = (path: string): boolean =>
      within(folder, path) !== undefined &&
      !others.some((other) => other !== folder && within(folder, other) !== undefined && within(other, path) !== undefined);
    this.folder = folder;
    this.#paths = new Set(
      listing.files
        .map(({ path }) => path)
        .filter(mine)
        .toSorted()
        .map((path) => within(folder, path) ?? path),
    );
    this.#texts = new Map(
      Object.entries(listing.texts)
        .filter(([path]) => mine(path))
        .map(([path, text]) => [within(folder, path) ?? path, text] as const)
        .toSorted(([a], [b]) => depth(a) - depth(b) || (a < b ? -1 : 1)),
    );
  }

  has(path: string): boolean {
    return this.#paths.has(path);
  }

  /** The first of the paths that exists. */
  first(...paths: readonly string[]): string | undefined {
    return paths.find((path) => this.#paths.has(path));
  }

  text(path: string): string | undefined {
    return this.#texts.get(path);
  }

  paths(): readonly string[] {
    return [...this.#paths];
  }

  /** Readable program text with one of the endings, the nearest to the top first. */
  sources(endings: RegExp): readonly Source[] {
    return [...this.#texts]
      .filter(([path, text]) => endings.test(path) && !isQuiet(path) && !isGenerated(text))
      .map(([path, text]) => ({ path, text }));
  }
}

export interface Source {
  readonly path: string;
  readonly text: string;
}

function depth(path: string): number {
  return path.split('/').length;
}

/** Bundles have lines that nobody typed. */
function isGenerated(text: string): boolean {
  return text.length > 5000 && text.length / (text.split('\n').length || 1) > 500;
}
