// Bundles TypeScript files with esbuild, so that a command need not load hundreds of files one by one. The bundles are kept inside the
// project, not in the folder for temporary files, which all users of a machine share.
import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { mkdir, readdir, readFile, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const project = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const cache = path.join(project, 'node_modules', '.cache', 'millrace');

/** A process may load a part of its bundle late. After this time none does. */
const unusedAfterDays = 7;

/** Packages that are loaded by every command, from many files. All others stay as they are. */
const inlined = ['commander', 'jsonata', 'zod'];

/**
 * @typedef {object} Bundle
 * @property {string} folder where the bundled files are
 * @property {[file: string, stamp: string][]} inputs
 */

/**
 * The folder with the bundle of some files, made if a source has changed. Undefined if it cannot be made.
 * @param {Record<string, string>} entries file by name; each becomes `<name>.mjs` in the folder
 * @param {Record<string, string>} [modules] files to import for bare names, by name
 * @returns {Promise<string | undefined>}
 */
export async function bundled(entries, modules = {}) {
  const key = createHash('sha256')
    .update(JSON.stringify([entries, modules]))
    .digest('hex')
    .slice(0, 16);
  const index = path.join(cache, `bundle-${key}.json`);
  try {
    /** @type {Bundle} */
    const { folder, inputs } = JSON.parse(readFileSync(index, 'utf8'));
    if (inputs.every(([file, stamp]) => stampOf(file) === stamp) && stampOf(folder) !== undefined) return folder;
  } catch {
    // None yet, or a damaged one.
  }
  return made(key, index, entries, modules).catch(() => undefined);
}

/**
 * @param {string} key
 * @param {string} index
 * @param {Record<string, string>} entries
 * @param {Record<string, string>} modules
 */
async function made(key, index, entries, modules) {
  const { build } = await import('esbuild');
  await mkdir(cache, { recursive: true });
  // Source maps have relative paths, and Node follows a link to `node_modules`.
  const folder = path.join(await realpath(cache), `bundle-${key}-${randomBytes(6).toString('hex')}`);
  const started = Date.now();
  const { metafile } = await build({
    absWorkingDir: project,
    // By name, because esbuild takes a path with `*` for a pattern.
    entryPoints: Object.fromEntries(Object.keys(entries).map((name) => [name, `${entry}${name}`])),
    outdir: folder,
    // By the extension Node knows at once that it is a module; else it compiles a file twice.
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    sourcemap: true,
    sourcesContent: false,
    metafile: true,
    logLevel: 'silent',
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
    plugins: [named(entries), imports(modules), sources],
  });
  const files = Object.keys(metafile.inputs).map((file) => path.resolve(project, file));
  const inputs = [...files, fileURLToPath(import.meta.url)].map((file) => [file, stampOf(file)]);
  // A file that changes while it is read may be newer than what was bundled.
  const changing = await Promise.all(files.map(async (file) => (await stat(file)).ctimeMs >= started - 20));
  if (!changing.includes(true)) {
    await writeFile(`${folder}.json`, JSON.stringify({ folder, inputs }));
    await rename(`${folder}.json`, index);
  }
  await removeUnused();
  return folder;
}

const entry = 'entry:';

/**
 * The files of the entries.
 * @param {Record<string, string>} entries
 * @returns {import('esbuild').Plugin}
 */
const named = (entries) => ({
  name: 'entries',
  setup({ onResolve }) {
    onResolve({ filter: new RegExp(`^${entry}`) }, ({ path: name }) => ({ path: entries[name.slice(entry.length)] }));
  },
});

/**
 * Which imports stay imports.
 * @param {Record<string, string>} modules
 * @returns {import('esbuild').Plugin}
 */
const imports = (modules) => ({
  name: 'imports',
  setup({ onResolve, resolve }) {
    onResolve({ filter: /^[^./]/ }, async ({ path: name, importer, kind, resolveDir, pluginData }) => {
      if (pluginData === resolving || name.startsWith('node:')) return undefined;
      const file = modules[name];
      if (file !== undefined) return { path: pathToFileURL(file).href, external: true };
      if (isPackage(importer) || inlined.some((each) => name === each || name.startsWith(`${each}/`))) return undefined;
      // From the folder of the file that imports it, which may be outside the project.
      const found = await resolve(name, { importer, kind, resolveDir, pluginData: resolving });
      if (found.errors.length > 0 || found.external) return { path: name, external: true };
      return { path: pathToFileURL(found.path).href, external: true };
    });
  },
});

const resolving = Symbol('resolving');
const isPackage = (/** @type {string} */ file) => file.includes(`${path.sep}node_modules${path.sep}`);

/**
 * Gives each source file the place where it is, not that of the bundle.
 * @type {import('esbuild').Plugin}
 */
const sources = {
  name: 'sources',
  setup({ onLoad }) {
    onLoad({ filter: /\.m?[jt]s$/ }, async ({ path: file }) => {
      if (isPackage(file)) return undefined;
      const text = await readFile(file, 'utf8');
      if (!text.includes('import.meta')) return undefined;
      const place = JSON.stringify({ url: pathToFileURL(file).href, filename: file, dirname: path.dirname(file) });
      const contents = `const importMeta = ${place}; ${text.replace(/\bimport\.meta\b/g, 'importMeta')}`;
      return { contents, loader: file.endsWith('ts') ? 'ts' : 'js' };
    });
  },
};

/**
 * What changes when a file changes, the time of the change as the system itself noted it.
 * @param {string} file
 */
function stampOf(file) {
  const found = statSync(file, { throwIfNoEntry: false });
  return found && `${found.size} ${found.mtimeMs} ${found.ctimeMs}`;
}

async function removeUnused() {
  const since = Date.now() - unusedAfterDays * 24 * 3600 * 1000;
  for (const name of await readdir(cache)) {
    const place = path.join(cache, name);
    if (!name.startsWith('bundle-') || (await stat(place)).mtimeMs > since) continue;
    await rm(place, { recursive: true, force: true });
  }
}
