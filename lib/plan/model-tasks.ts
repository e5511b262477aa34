import type { CheckedDefinition } from '../definition/schema.ts';
import { algorithmNamed, objectiveOf } from '../learning/learning.ts';
import { fingerprint } from './canonical-json.ts';
import type { Task } from './schema.ts';
import { stageOf } from './stages.ts';
import { runsSql } from './task-kinds.ts';

/** The training task of each model, and the task that scores rows without a label. */
export function modelTasks(definition: CheckedDefinition, before: readonly Task[]): Task[] {
  return Object.entries(definition.models ?? {}).flatMap(([model, spec]): Task[] => {
    const features = before.filter(runsSql).find(({ name }) => name === spec.features)!;
    const excluded = new Set([...features.key, spec.label]);
    const chosen = spec.inputs ?? features.columns.map((column) => column.name).filter((name) => !excluded.has(name));
    const inputs = chosen.map((name) => {
      const { type } = features.columns.find((column) => column.name === name)!;
      return { name, type };
    });
    const planned = objectiveOf(spec).planned(spec.gate);
    const { objective, gate } = planned;
    const learning = {
      features: spec.features,
      label: spec.label,
      key: features.key,
      inputs,
      objective,
      algorithm: algorithmNamed(spec.algorithm).plan(spec),
      folds: spec.folds ?? 3,
      testShare: spec.testShare ?? 0.2,
      seed: spec.seed ?? 42,
    };
    const train: Task = {
      kind: 'train',
      name: `train_${model}`,
      model,
      stage: stageOf('train', definition),
      upstream: [spec.features],
      ...learning,
      ...planned,
      fingerprint: fingerprint('train', { learning, gate }, new Map([[features.name, features.fingerprint.value]])),
    };
    if (spec.predictions === undefined) return [train];
    const predict: Task = {
      kind: 'predict',
      name: spec.predictions,
      model,
      stage: stageOf('predict', definition),
      upstream: [spec.features, train.name],
      features: spec.features,
      label: spec.label,
      key: features.key,
      table: spec.predictions,
      fingerprint: fingerprint(
        'predict',
        { columns: features.key },
        new Map([
          [features.name, features.fingerprint.value],
          [train.name, train.fingerprint.value],
        ]),
      ),
    };
    return [train, predict];
  });
}
