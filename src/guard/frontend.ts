/** G09, G10: what a browser gets must not know where it was built. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Service, Template } from '../app/model.ts';
import type { Finding, GuardContext, Rule } from './guard.ts';
import { lineAt } from './look/files.ts';

export const hostInBundle: Rule = {
  text: {
    id: 'G09',
    title: 'built frontend that calls a fixed address',
    severity: 'block',
    cause:
      'The files that browsers get contain an address of the machine that built them, or of another environment. It works for the one who built it, and fails for every visitor, whose localhost is their own machine.',
    fix: 'Call the API by its path alone, for example `/api`, which leads to the same host. What has to differ by environment comes from the server when the page is loaded.',
    example: 'fetch("http://localhost:5000/api/tasks")   ->   fetch("/api/tasks")',
  },
  needs: 'built',
  find: (context) =>
    Object.values(context.app.services).flatMap((service) => {
      const folder = context.built[service.name];
      return folder === undefined ? [] : inBundle(context, service, folder);
    }),
};

const bundleLimits = { files: 400, bytes: 16 * 1024 * 1024, fileBytes: 4 * 1024 * 1024 };
const pageFolders = ['', 'dist', 'build', 'public', 'out', 'www', 'static', 'client', 'dist/client', 'build/client', 'dist/public'];
const browserFile = /\.(?:html?|m?js)$/;

/** An address with a port: without one, libraries name localhost as a base that is never called. */
const ownMachine =
  /\b(?:https?|wss?):\/\/(?:localhost|127\.0\.0\.1|0\.0\.0\.0|10\.\d{1,3}\.\d{1,3}\.\d{1,3}|192\.168\.\d{1,3}\.\d{1,3}|172\.(?:1[6-9]|2\d|3[01])\.\d{1,3}\.\d{1,3}):\d{2,5}\b/;

function inBundle(context: GuardContext, service: Service, folder: string): Finding[] {
  const strangers = context.environments.flatMap(({ env: { name, domain } }) =>
    domain === undefined || domain === context.env.domain || name === context.env.name ? [] : [{ name, domain }],
  );
  for (const { path, text } of bundle(service, folder)) {
    const near = ownMachine.exec(text);
    const far = near === null ? strangers.find(({ domain }) => text.includes(`://${domain}`)) : undefined;
    const address = near?.[0] ?? (far === undefined ? undefined : `https://${far.domain}`);
    if (address === undefined) continue;
    return [
      {
        id: 'G09',
        severity: 'block',
        message: `the built ${service.name} calls ${address}`,
        where: `${service.name}: ${path}:${lineAt(text, text.indexOf(address))}`,
        why:
          far === undefined
            ? 'It fails for every visitor: there, this address is their own machine.'
            : `Visitors of ${context.env.name} would use the API of ${far.name}.`,
        fix: 'Serve the API on the same host and call it by its path, or give the page its settings when it is loaded.',
      },
    ];
  }
  return [];
}

interface BundleFile {
  readonly path: string;
  readonly text: string;
}

/** Only where a page lies do files go to browsers. */
function* bundle(service: Service, folder: string): Generator<BundleFile> {
  const left = { files: bundleLimits.files, bytes: bundleLimits.bytes };
  const folders = service.static === undefined ? pageFolders : [service.static.dir];
  for (const pages of folders) {
    const names = entries(join(folder, pages));
    if (names.some(({ name }) => name === 'index.html')) yield* filesBelow(folder, pages, left, 0);
  }
}

function* filesBelow(root: string, folder: string, left: { files: number; bytes: number }, depth: number): Generator<BundleFile> {
  for (const entry of entries(join(root, folder))) {
    const path = join(folder, entry.name);
    if (left.files <= 0 || left.bytes <= 0) return;
    if (entry.isDirectory() && entry.name !== 'node_modules' && depth < 4 && folder !== '') yield* filesBelow(root, path, left, depth + 1);
    if (!entry.isFile() || !browserFile.test(entry.name)) continue;
    const text = textOf(join(root, path));
    left.files -= 1;
    left.bytes -= text.length;
    yield { path, text };
  }
}

function entries(folder: string): readonly { readonly name: string; isDirectory(): boolean; isFile(): boolean }[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}

function textOf(file: string): string {
  try {
    return statSync(file).size > bundleLimits.fileBytes ? '' : readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

/** Tools put variables with these names into the bundle when it is built. */
const builtIn = /^(?:VITE|REACT_APP|NEXT_PUBLIC|VUE_APP|NUXT_PUBLIC|PUBLIC|EXPO_PUBLIC|GATSBY)_/;

export const differentBuilds: Rule = {
  text: {
    id: 'G10',
    title: 'environments that would need different builds',
    severity: 'warn',
    cause:
      'A setting that is read while the bundle is built differs between environments. What was tried in one is then not what runs in the other; and as a variable of the running service it comes too late to have an effect.',
    fix: 'Build once: let the page ask its server for what differs, or call everything by its path.',
    example: 'VITE_API_URL differs between staging and production',
  },
  needs: 'files',
  find: (context) =>
    Object.values(context.app.services).flatMap((service) => [...differing(context, service), ...addresses(context, service)]),
};

function differing(context: GuardContext, { name: service, variables }: Service): Finding[] {
  return Object.entries(variables).flatMap(([name, template]) => {
    if (!builtIn.test(name)) return [];
    const other = context.environments.find(({ env, app }) => {
      const theirs = app.services[service]?.variables[name];
      return env.name !== context.env.name && theirs !== undefined && shown(theirs) !== shown(template);
    });
    if (other === undefined) return [];
    return [
      tooLate(
        context,
        `services.${service}.variables.${name}`,
        `${other.env.name} and ${context.env.name} would need different builds of ${service}: ${name} differs`,
      ),
    ];
  });
}

function shown(template: Template): string {
  return JSON.stringify(template);
}

/** A build argument is the same everywhere, so an address in it is right in one environment at the most. */
function addresses(context: GuardContext, { name: service, build }: Service): Finding[] {
  const places = context.environments.filter(({ env }) => env.name !== 'local');
  return Object.entries(build?.args ?? {}).flatMap(([name, value]) =>
    builtIn.test(name) && /^https?:\/\//.test(value) && places.length > 1
      ? [
          tooLate(
            context,
            `services.${service}.build.args.${name}`,
            `the build argument ${name} of ${service} is an address, and ${places.length} environments share the build`,
          ),
        ]
      : [],
  );
}

function tooLate(context: GuardContext, path: string, message: string): Finding {
  return {
    id: 'G10',
    severity: 'warn',
    message,
    where: context.locate(path),
    why: 'What was tried in one environment is not what runs in the other.',
    fix: 'Build once and configure at run time: call the API by its path, or let the page ask its server.',
  };
}
