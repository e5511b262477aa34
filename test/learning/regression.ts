import { readFileSync } from 'node:fs';
import path from 'node:path';
import { type Dossier, type Model, modelSchema } from '../../lib/documents/model.ts';
import type { ModelResult, RunDocument } from '../../lib/documents/run-document.ts';
import { projectFolder } from '../../lib/local/root.ts';
import type { Plan, TrainTask } from '../../lib/plan/schema.ts';
import { sampleRun } from '../report/sample.ts';
import { samplePlan } from '../report/sample-plan.ts';

/** Documents of a forest that predicts a number, as the engine leaves them. */

interface Named {
  objective: 'regression';
  algorithm: 'random-forest';
}
type ForestModel = Extract<Model, Named>;
export type ForestDossier = Extract<Dossier, Named>;
export type RegressionGate = Extract<TrainTask, { objective: 'regression' }>['gate'];

const file = path.join(projectFolder, 'contracts', 'golden', 'forest.json');
const parsed = modelSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
if (parsed.objective !== 'regression' || parsed.algorithm !== 'random-forest') throw new Error(`${file} is no forest`);
export const forestModel: ForestModel = parsed;

const { metrics, rows, grid, importance, objective, algorithm, chosen } = forestModel;
const values = Array.from({ length: 40 }, (_, i) => 150_000 + 4_000 * i);

export const forestDossier: ForestDossier = {
  format: 'millrace-dossier',
  version: 1,
  name: 'price',
  model_version: 1,
  objective,
  algorithm,
  metrics,
  rows,
  pairs: values.map((value, i): [number, number] => [value, value + (i % 7) * 3_000 - 9_000]),
  tenths: values.slice(0, 10).map((value) => ({ mean_predicted: value, mean_actual: value * 1.02, rows: 60 })),
  slices: [
    { feature: 'plan', value: 'basic', rows: 200, r2: 0.9 },
    { feature: 'plan', value: 'premium', rows: 200, r2: -0.3 },
  ],
  leaks: [],
  importance,
  grid,
  comparisons: [],
};

const task = samplePlan.tasks.find((each) => each.kind === 'train')!;
const train: TrainTask = {
  ...task,
  model: 'price',
  label: 'price',
  objective: 'regression',
  algorithm: { name: 'random-forest', grid: { maxDepth: [4], trees: [20] }, columnShare: 0.5 },
  gate: { r2: 0.5 },
};

export const forestPlan: Plan = {
  ...samplePlan,
  tasks: samplePlan.tasks.map((each) => (each.kind === 'train' ? train : each)),
};

const result: ModelResult = {
  name: 'price',
  version: 1,
  verdict: 'promote',
  reason: 'R² 0.8 meets the floor of 0.5',
  objective,
  algorithm,
  metrics,
  rows,
  chosen,
  folder: 'models/houses/price/v1',
};

export const forestRun: RunDocument = { ...sampleRun, models: [result], best_possible: 0.95 };
