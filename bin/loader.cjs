'use strict';
/**
 * Starts what the build made, quickly: every chunk in dist/ is run with V8's code cache, and the help text and the version are printed
 * without running anything. A cache belongs to one build of Node; without a fitting one the chunk is compiled as usual, and the cache is
 * made when the process ends. V8 checks only the length of the source, so a cache is named after its chunk, whose name has a content hash.
 */
const fs = require('node:fs');
const path = require('node:path');
const vm = require('node:vm');

const flavour = `${process.version}-${process.platform}-${process.arch}`;
/** Modules by chunk, as Node's own cache has them by path. */
const loaded = new Map();
const uncached = new Map();

/**
 * Runs `main(words)` of a program in dist/, which every entry exports, and says what to do when nothing is built.
 * @param {string} dist absolute path
 * @param {'cli' | 'supervisor' | 'ingress'} entry
 */
function runEntry(dist, entry) {
  const { entries } = readManifest(dist);
  return load(dist, entries[entry]).main(process.argv.slice(2));
}

/** Answers `--help` and `--version` from the build's manifest; false when something must run. */
function printStatic(dist, words) {
  const [word = '--help'] = words;
  if (words.length > 1 || !['--help', '-h', 'help', '--version', '-V'].includes(word)) return false;
  const { help, version } = readManifest(dist);
  print(word === '--version' || word === '-V' ? `${version}\n` : help);
  return true;
}

function readManifest(dist) {
  try {
    return JSON.parse(fs.readFileSync(path.join(dist, 'manifest.json'), 'utf8'));
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
    console.error('Gantry is not built here. Run `npm run build` in its folder, then try again.');
    return process.exit(1);
  }
}

/** Chunks are ASCII and without `import()`, which does not work in cached code; the build sees to both. */
function load(dist, name) {
  const known = loaded.get(name);
  if (known) return known.exports;
  const module = { exports: {} };
  loaded.set(name, module);
  const filename = path.join(dist, name);
  const run = compile(dist, name, filename).runInThisContext();
  run.call(module.exports, module.exports, requireFor(dist), module, filename, dist);
  return module.exports;
}

function requireFor(dist) {
  const requireChunk = (id) => (id.startsWith('./') ? load(dist, id.slice(2)) : requireOutside(id));
  return Object.assign(requireChunk, { resolve: require.resolve });
}

/** Parts of Node that take milliseconds to load, while most commands that name them never use them. */
const slowToLoad = new Set(['node:crypto', 'node:child_process']);

function requireOutside(id) {
  return slowToLoad.has(id) ? lazily(() => require(id)) : require(id);
}

/** Stands for a module that is loaded when the first of its members is asked for. */
function lazily(loadModule) {
  return new Proxy(
    {},
    {
      get: (_target, key) => loadModule()[key],
      has: (_target, key) => key in loadModule(),
      ownKeys: () => Reflect.ownKeys(loadModule()),
      getOwnPropertyDescriptor: (_target, key) => ({ ...Reflect.getOwnPropertyDescriptor(loadModule(), key), configurable: true }),
    },
  );
}

function compile(dist, name, filename) {
  const cacheFile = cacheFileOf(dist, name);
  const script = new vm.Script(fs.readFileSync(filename, 'latin1'), {
    filename,
    cachedData: readCache(cacheFile),
  });
  if (script.cachedDataRejected !== false) keepForLater(cacheFile, script);
  return script;
}

function cacheFileOf(dist, name) {
  return path.join(dist, 'cache', `${name}.${flavour}`);
}

function readCache(file) {
  try {
    return fs.readFileSync(file);
  } catch {
    return undefined;
  }
}

/** Flags of V8 change what a cache is good for; a process with flags of its own keeps its caches to itself. */
function keepForLater(cacheFile, script) {
  if (process.execArgv.length > 0 || process.env.NODE_OPTIONS) return;
  if (uncached.size === 0) process.once('exit', writeCaches);
  uncached.set(cacheFile, script);
}

function writeCaches() {
  for (const [file, script] of uncached) {
    try {
      const temporary = `${file}.${process.pid}`;
      fs.writeFileSync(temporary, script.createCachedData());
      fs.renameSync(temporary, file);
    } catch {
      return; // A folder that may not be written to: the next start is as slow as this one, and nothing is wrong.
    }
  }
}

/** Makes the cache of a chunk that was not run, if it has none. */
function precompile(dist, name) {
  const file = cacheFileOf(dist, name);
  if (!fs.existsSync(file)) compile(dist, name, path.join(dist, name));
}

function print(text) {
  try {
    fs.writeSync(1, text);
  } catch (error) {
    if (error.code === 'EAGAIN') process.stdout.write(text);
    else if (error.code !== 'EPIPE') throw error;
  }
}

module.exports = { runEntry, printStatic, load, precompile };
