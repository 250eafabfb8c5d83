/** Which folders of a listing hold programs or sites, and what each of them is. */
import { readCompose, type Compose } from './compose.ts';
import { dockerPart, readDockerfile, withDockerfile } from './dockerfile.ts';
import { declaredReads } from './env-example.ts';
import { goPart } from './go.ts';
import { baseName, folderOf, isQuiet, View, within, type Listing } from './listing.ts';
import { installCommand } from './node-commands.ts';
import { nodePart, type Workspace } from './node.ts';
import { readPackage } from './package-json.ts';
import type { Part, Read } from './part.ts';
import { withProcfile } from './procfile.ts';
import { pythonPart } from './python.ts';
import { unique, wellKnownReads } from './source.ts';
import { asksFor } from './settings.ts';
import { staticPart } from './static.ts';

const signs =
  /^(package\.json|requirements\.txt|pyproject\.toml|Pipfile|manage\.py|go\.mod|Procfile|Dockerfile[\w.-]*|[\w-]{1,40}\.Dockerfile)$/;
const notPrograms =
  /(^|\/)(scripts?|tools?|tooling|infra|infrastructure|deploy|deployment|ci|cypress|playwright|migrations|node_modules|bin|k8s|helm|terraform|config|configs)$/;
const siteFolders = /^(frontend|client|web|website|site|www|ui|html|public|static)$/;
const deepest = 4;
const programSources = /\.([cm]?[jt]sx?|py|go)$/;

export interface Findings {
  readonly parts: readonly Part[];
  readonly compose: Compose | undefined;
}

export function findParts(listing: Listing): Findings {
  const compose = readCompose(listing);
  const folders = candidates(listing, compose);
  const workspace = workspaceOf(listing, folders);
  const parts = folders.flatMap((folder) => partsOf(new View(listing, folder, folders), listing.folder, workspace));
  const kept = withoutTools(withoutLibraries(parts), listing);
  return { parts: kept.some(({ kind }) => kind !== 'server') ? kept : [...kept, ...plainSites(listing, kept)], compose };
}

function candidates(listing: Listing, compose: Compose | undefined): readonly string[] {
  const signed = listing.files.filter(({ path }) => signs.test(baseName(path)) && !isQuiet(path)).map(({ path }) => folderOf(path));
  const built = (compose?.services ?? []).flatMap(({ folder }) =>
    folder !== undefined && listing.files.some(({ path }) => within(folder, path) !== undefined) ? [folder] : [],
  );
  return [...new Set([...signed, ...built])]
    .filter((folder) => folder === '.' || (!/\p{Cc}/u.test(folder) && folder.split('/').length <= deepest && !notPrograms.test(folder)))
    .toSorted();
}

function partsOf(view: View, appFolder: string, workspace: Workspace | undefined): readonly Part[] {
  const member = workspace !== undefined && view.folder !== '.' && !hasLockfile(view) ? workspace : undefined;
  const found = nodePart(view, `${appFolder}-data`, member) ?? pythonPart(view) ?? goPart(view);
  const docker = readDockerfile(view);
  const part =
    found === undefined
      ? docker === undefined
        ? staticIn(view)
        : dockerPart(view, docker)
      : docker === undefined
        ? found
        : withDockerfile(found, docker);
  if (part === undefined) return [];
  const reads = unique([...declaredReads(view), ...part.reads]);
  const complete = { ...part, reads: [...reads, ...hiddenReads(view, part, reads)] };
  return view.has('Procfile') ? withProcfile(complete, view) : [complete];
}

/** For a client of which no variable was found, names that can mean nothing else, wherever the code has them. */
function hiddenReads(view: View, part: Part, reads: readonly Read[]): readonly Read[] {
  return (['postgres', 'redis'] as const)
    .filter((type) => part.clients.some(({ value }) => value === type) && !reads.some(({ name }) => asksFor(name)?.type === type))
    .flatMap((type) => wellKnownReads(view.sources(programSources), type));
}

const hasLockfile = (view: View): boolean => view.first('package-lock.json', 'yarn.lock', 'pnpm-lock.yaml', 'bun.lock') !== undefined;

function staticIn(view: View): Part | undefined {
  return view.folder === '.' || view.has('package.json') ? undefined : staticPart(view);
}

/** A package.json at the top that installs the packages below it. */
function workspaceOf(listing: Listing, folders: readonly string[]): Workspace | undefined {
  const top = new View(listing, '.', folders);
  const found = readPackage(top);
  if (found === undefined || found === 'broken' || !(found.workspaces || top.has('pnpm-workspace.yaml'))) return undefined;
  return { top, manager: installCommand(top, found).manager };
}

/** Nothing starts a library; a start script of a package that never listens, inside of a workspace, is a watcher. */
function withoutLibraries(parts: readonly Part[]): readonly Part[] {
  return parts.filter(
    ({ kind, run, site, context, remarks }) =>
      (run !== undefined || site !== undefined || remarks.length > 0) &&
      !(kind === 'worker' && context !== undefined && run?.sure !== true),
  );
}

const startsOthers = /\b(concurrently|npm-run-all|run-p|turbo|nx|lerna|wireit|--prefix|--workspaces?|--filter|docker|foreman)\b/;

/** A start script at the top that only starts the parts below is no part of its own. */
function withoutTools(parts: readonly Part[], listing: Listing): readonly Part[] {
  if (parts.length < 2) return parts;
  const text = listing.texts['package.json'] ?? '';
  const script = /"start"\s*:\s*"([^"\n]{0,300})"/.exec(text)?.[1] ?? '';
  return startsOthers.test(script) ? parts.filter(({ folder }) => folder !== '.') : parts;
}

/** Folders of plain files, when no other site was found: the top, or one that is named like a site. */
function plainSites(listing: Listing, parts: readonly Part[]): readonly Part[] {
  if (parts.some(({ folder }) => folder === '.')) return [];
  const taken = new Set(parts.map(({ folder }) => folder));
  const folders = [...new Set(listing.files.map(({ path }) => folderOf(path)))]
    .filter((folder) => siteFolders.test(folder) && !taken.has(folder))
    .toSorted();
  const below = folders.map((folder) => staticPart(new View(listing, folder, [...taken]))).find((part) => part !== undefined);
  const found = parts.length === 0 ? (staticPart(new View(listing, '.')) ?? below) : below;
  return found === undefined ? [] : [found];
}
