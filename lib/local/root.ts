import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { layout } from '../lake/layout.ts';
import type { Objects } from '../lake/objects.ts';
import { checkName, localObjects } from './objects.ts';

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

/** A local lake: the places of `lib/lake/layout.ts` as paths below its root. */
export class Root {
  readonly folder: string;
  readonly objects: Objects;
  constructor(folder: string) {
    this.folder = path.resolve(folder);
    this.objects = localObjects(this.folder);
  }
  data = (pipeline: string) => this.path(layout.data, pipeline);
  state = (pipeline: string) => this.path(layout.state, pipeline);
  lock = (pipeline: string) => this.path(layout.lock, pipeline);
  runs = (pipeline: string) => this.path(layout.runs, pipeline);
  run = (pipeline: string, run: string) => this.path(layout.run, pipeline, run);
  order = (pipeline: string, run: string) => this.path(layout.order, pipeline, run);
  plan = (pipeline: string, run: string) => this.path(layout.plan, pipeline, run);
  document = (pipeline: string, run: string) => this.path(layout.document, pipeline, run);
  report = (pipeline: string, run: string) => this.path(layout.report, pipeline, run);
  runLogs = (pipeline: string, run: string) => this.path(layout.runLogs, pipeline, run);
  runLog = (pipeline: string, run: string, stage: string) => this.path(layout.runLog, pipeline, run, stage);
  held = (pipeline: string, run: string) => this.path(layout.held, pipeline, run);
  models = (pipeline: string) => this.path(layout.models, pipeline);
  model = (pipeline: string, model: string) => this.path(layout.model, pipeline, model);
  version = (pipeline: string, model: string, version: number) => this.path(layout.version, pipeline, model, version);
  promotions = (pipeline: string, model: string) => this.path(layout.promotions, pipeline, model);
  lake = (pipeline: string) => this.path(layout.tables, pipeline);
  table = (pipeline: string, layer: string, name: string) => this.path(layout.table, pipeline, layer, name);
  log = (pipeline: string, layer: string, name: string) => this.path(layout.log, pipeline, layer, name);
  scratch = () => this.path(layout.scratch);

  /** Names come from a command line or a document, so they must not lead out of the root. */
  private path<Names extends (string | number)[]>(place: (...names: Names) => string, ...names: Names): string {
    for (const name of names) checkName(String(name), this.folder);
    return path.resolve(this.folder, place(...names));
  }
}
