import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { MillraceError } from '../errors.ts';

/** The project folder, which contains `pipelines/` and `glue-scripts/`. */
export const projectFolder = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..', '..');

/**
 * The default root: `.millrace` in the nearest folder, from the working directory upward, that already has one or is a Millrace project,
 * so that every folder of a project leads to the same root. If there is none, `.millrace` in the working directory.
 */
export function defaultRoot(from = process.cwd()): string {
  for (let folder = from; ; folder = path.dirname(folder)) {
    const root = path.join(folder, '.millrace');
    if (isFolder(root) || isProject(folder)) return folder === from ? '.millrace' : root;
    if (folder === path.dirname(folder)) return '.millrace';
  }
}

const isFolder = (place: string) => statSync(place, { throwIfNoEntry: false })?.isDirectory() ?? false;

/** Whether a folder has pipelines and is Millrace itself or a project that depends on it. */
function isProject(folder: string): boolean {
  if (!isFolder(path.join(folder, 'pipelines'))) return false;
  try {
    const text = readFileSync(path.join(folder, 'package.json'), 'utf8');
    const { name, dependencies, devDependencies } = JSON.parse(text) as Record<string, object | undefined>;
    return String(name) === 'millrace' || 'millrace' in { ...dependencies, ...devDependencies };
  } catch {
    return false;
  }
}

/** Paths below the root of a local lake; the engine's `lake.py` has the same. */
export class Root {
  readonly folder: string;
  constructor(folder: string) {
    this.folder = path.resolve(folder);
  }
  data = (pipeline: string) => this.below('data', pipeline);
  state = (pipeline: string) => this.below('state', `${pipeline}.json`);
  lock = (pipeline: string) => this.below('state', `${pipeline}.lock`);
  runs = () => this.below('runs');
  run = (run: string) => this.below('runs', run);
  order = (run: string) => this.below('runs', run, 'work.json');
  /** Locked by the process that works on the run, as long as it lives. */
  held = (run: string) => this.below('runs', run, 'held');
  model = (pipeline: string, model: string) => this.below('models', pipeline, model);
  models = (pipeline: string) => this.below('models', pipeline);
  lake = (pipeline: string) => this.below('lake', pipeline);
  table = (pipeline: string, layer: string, name: string) => this.below('lake', pipeline, layer, name);
  cache = () => this.below('cache');
  /** Temporary rows of runs in progress. */
  scratch = () => this.below('tmp');

  /** Names come from a command line or a document, so they must not lead out of the root. */
  private below(...names: string[]): string {
    for (const name of names) {
      if (name !== path.basename(name) || name === '..' || name === '.' || /[\\\0]/.test(name)) {
        const message = `"${name}" is not a name: it would lead out of the lake`;
        throw new MillraceError(
          [{ code: 'MR101', path: this.folder, message, hint: 'use the name of a folder in pipelines/' }],
          2,
        );
      }
    }
    return path.join(this.folder, ...names);
  }
}
