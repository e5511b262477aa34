import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** Folder of the project: where `pipelines/` and `glue-scripts/` are. */
export const projectFolder = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..', '..');

/** Where things lie below the root of a local lake; the engine's `lake.py` says the same. */
export class Root {
  readonly folder: string;
  constructor(folder: string) {
    this.folder = path.resolve(folder);
  }
  data = (pipeline: string) => path.join(this.folder, 'data', pipeline);
  state = (pipeline: string) => path.join(this.folder, 'state', `${pipeline}.json`);
  lock = (pipeline: string) => path.join(this.folder, 'state', `${pipeline}.lock`);
  runs = () => path.join(this.folder, 'runs');
  run = (run: string) => path.join(this.folder, 'runs', run);
  order = (run: string) => path.join(this.folder, 'runs', run, 'work.json');
  model = (pipeline: string, model: string) => path.join(this.folder, 'models', pipeline, model);
  table = (pipeline: string, layer: string, name: string) => path.join(this.folder, 'lake', pipeline, layer, name);
  cache = () => path.join(this.folder, 'cache');
}
