/** The files of a version of a model. */
export const versionFiles = {
  model: 'model.json',
  dossier: 'dossier.json',
  /** Written last: a version without it is incomplete. */
  manifest: 'manifest.json',
} as const;

/**
 * Where everything is in the lake, relative to its root: a folder on a laptop, the lake bucket in the cloud. The key of a folder ends in a
 * slash. The engine has the same places in `glue-scripts/engine/lake.py`.
 */
export const layout = {
  tables: (pipeline: string) => `lake/${pipeline}/`,
  table: (pipeline: string, layer: string, name: string) => `${layout.tables(pipeline)}${layer}/${name}/`,
  /** A table with the rejected rows of a task. */
  quarantine: (pipeline: string, task: string) => layout.table(pipeline, 'quarantine', task),
  /** The log of a Delta table. */
  log: (pipeline: string, layer: string, name: string) => `${layout.table(pipeline, layer, name)}_delta_log/`,
  /** The logs of all tables, as a pattern of IAM. */
  logs: (pipeline: string) => `${layout.tables(pipeline)}*/_delta_log/`,

  models: (pipeline: string) => `models/${pipeline}/`,
  model: (pipeline: string, model: string) => `${layout.models(pipeline)}${model}/`,
  version: (pipeline: string, model: string, version: number) => `${layout.model(pipeline, model)}v${version}/`,
  versionFile: (pipeline: string, model: string, version: number, file: keyof typeof versionFiles) =>
    `${layout.version(pipeline, model, version)}${versionFiles[file]}`,
  review: (pipeline: string, model: string, run: string) => `${layout.model(pipeline, model)}reviews/${run}.json`,
  /** The log of promotions. Its last line names the live version. */
  promotions: (pipeline: string, model: string) => `${layout.model(pipeline, model)}promotions.jsonl`,

  /** A folder per pipeline. */
  allRuns: () => 'runs/',
  runs: (pipeline: string) => `${layout.allRuns()}${pipeline}/`,
  run: (pipeline: string, run: string) => `${layout.runs(pipeline)}${run}/`,
  order: (pipeline: string, run: string) => `${layout.run(pipeline, run)}work.json`,
  /** The folder in which the engine writes the outcome of each task as JSON, and its query plans. */
  outcomes: (pipeline: string, run: string) => `${layout.run(pipeline, run)}tasks/`,
  outcome: (pipeline: string, run: string, task: string) => `${layout.outcomes(pipeline, run)}${task}.json`,
  queryPlan: (pipeline: string, run: string, task: string) => `${layout.outcomes(pipeline, run)}${task}.plan.txt`,

  /** The states of the bookmarks in the cloud, one object per revision. */
  bookmarks: (pipeline: string) => `bookmarks/${pipeline}/`,

  // Only on a laptop:
  /** The bookmarks, in one file. */
  state: (pipeline: string) => `state/${pipeline}.json`,
  lock: (pipeline: string) => `state/${pipeline}.lock`,
  /** Generated input. */
  data: (pipeline: string) => `data/${pipeline}/`,
  /** Locked by the process that works on the run, as long as it lives. */
  held: (pipeline: string, run: string) => `${layout.run(pipeline, run)}held`,
  plan: (pipeline: string, run: string) => `${layout.run(pipeline, run)}plan.json`,
  machine: (pipeline: string, run: string) => `${layout.run(pipeline, run)}machine.json`,
  document: (pipeline: string, run: string) => `${layout.run(pipeline, run)}run.json`,
  report: (pipeline: string, run: string) => `${layout.run(pipeline, run)}report.html`,
  runLogs: (pipeline: string, run: string) => `${layout.run(pipeline, run)}logs/`,
  runLog: (pipeline: string, run: string, stage: string) => `${layout.runLogs(pipeline, run)}${stage}.log`,
  cache: () => 'cache/',
  /** Temporary rows of runs in progress. */
  scratch: () => 'tmp/',
  /** Stack traces of errors in Millrace itself. */
  faults: () => 'faults/',
};
