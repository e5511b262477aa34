import type { CheckedDefinition } from '../definition/schema.ts';
import { type StageName, stageNames } from '../definition/stages.ts';
import type { Issue } from '../errors.ts';
import type { Stage, Task } from './schema.ts';
import { traitsOf } from './task-kinds.ts';

/** The stage of a kind of task: its own stage where the definition says what that runs on. */
export function stageOf(kind: Task['kind'], { compute }: Pick<CheckedDefinition, 'compute'>): StageName {
  const { stage, ownStage } = traitsOf({ kind });
  return ownStage === undefined || compute?.[ownStage] === undefined ? stage : ownStage;
}

/** The stages that have a task, each with its tasks in their order; the gate stands between training and what uses the model. */
export function stagesOf(tasks: readonly Task[], { compute }: Pick<CheckedDefinition, 'compute'>): Stage[] {
  return stageNames.flatMap((name) => {
    const own = tasks.filter((task) => task.stage === name).map((task) => task.name);
    return own.length === 0 ? [] : [{ name, compute: compute?.[name] ?? 'glue', tasks: own, timeoutSeconds: 3600 }];
  });
}

/** MR731 for each stage that is placed and that none of these plans has. `place` leads to the field. */
export function stagesWithoutTask(
  placed: Readonly<Record<string, unknown>>,
  plans: readonly { stages: readonly Pick<Stage, 'name'>[] }[],
  place: string,
): Issue[] {
  const known = [...new Set(plans.flatMap(({ stages }) => stages.map((stage) => stage.name)))];
  return Object.keys(placed)
    .filter((name) => !known.includes(name))
    .map((name) => ({
      code: 'MR731',
      path: `${place}.${name}`,
      message: `there is no stage "${name}": nothing would run there`,
      hint: `remove it   (stages: ${known.join(', ')})`,
    }));
}
