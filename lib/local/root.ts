import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { MillraceError } from '../errors.ts';

/** Folder of the project: where `pipelines/` and `glue-scripts/` are. */
export const projectFolder = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..', '..');

/** Where things lie below the root of a local lake; the engine's `lake.py` says the same. */
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
  /** Locked by the process that works on the run, for as long as it lives. */
  held = (run: string) => this.below('runs', run, 'held');
  model = (pipeline: string, model: string) => this.below('models', pipeline, model);
  table = (pipeline: string, layer: string, name: string) => this.below('lake', pipeline, layer, name);
  cache = () => this.below('cache');
  /** Where rows of a run lie while it works. */
  scratch = () => this.below('tmp');

  /** Names come from a command line, or from a document: none leads out of the root. */
  private below(...names: string[]): string {
    for (const name of names) {
      if (name !== path.basename(name) || name === '..' || name === '.' || /[\\\0]/.test(name)) {
        const message = `"${name}" is not a name: it would lead out of the lake`;
        throw new MillraceError(
          [{ code: 'MR101', path: this.folder, message, hint: 'name a folder of pipelines/' }],
          2,
        );
      }
    }
    return path.join(this.folder, ...names);
  }
}
