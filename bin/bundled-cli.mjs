import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { bundled } from './bundle.mjs';
import { loader } from './loader.mjs';

const project = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const entries = {
  cli: path.join(project, 'bin', 'millrace.ts'),
  definition: path.join(project, 'lib', 'definition', 'index.ts'),
  constructs: path.join(project, 'lib', 'constructs', 'index.ts'),
};

/** The CLI as a bundle; undefined if none can be made, as with a fault in a source. */
export async function bundledCli() {
  const folder = await bundled(entries);
  if (folder === undefined) return undefined;
  const at = (/** @type {string} */ name) => path.join(folder, `${name}.mjs`);
  /** @type {typeof import('./millrace.ts')} */
  const cli = await import(pathToFileURL(at('cli')).href);
  // What a pipeline imports is the bundle's, so that nothing is loaded twice.
  const modules = { millrace: at('definition'), 'millrace/constructs': at('constructs') };
  const load = async (/** @type {string} */ file) => {
    const made = await bundled({ pipeline: file }, modules);
    if (made !== undefined) return import(pathToFileURL(path.join(made, 'pipeline.mjs')).href);
    // It reports what is wrong with the source.
    return (await loader()).import(file);
  };
  return { main: (/** @type {readonly string[]} */ argv) => cli.main(argv, load) };
}
