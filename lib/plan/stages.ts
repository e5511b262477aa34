import type { CheckedDefinition } from '../definition/schema.ts';
import type { Issue } from '../errors.ts';
import type { Stage, Task } from './schema.ts';
import { stageOrder, traitsOf } from './task-kinds.ts';

/** The stage of a kind of task: its separate stage, if the definition sets the compute of that stage. */
export function stageOf(kind: Task['kind'], { compute }: Pick<CheckedDefinition, 'compute'>): string {
  const { stage, ownStage } = traitsOf({ kind });
  return ownStage === undefined || compute?.[ownStage] === undefined ? stage : ownStage;
}

/** The stages with tasks, each with its tasks in order; the gate is between training and the use of the model. */
export function stagesOf(tasks: readonly Task[], { compute }: Pick<CheckedDefinition, 'compute'>): Stage[] {
  const placed: Readonly<Record<string, Stage['compute'] | undefined>> = compute ?? {};
  return stageOrder.flatMap((name) => {
    const members = tasks.filter((task) => task.stage === name).map((task) => task.name);
    return members.length === 0
      ? []
      : [{ name, compute: placed[name] ?? 'glue', tasks: members, timeoutSeconds: 3600 }];
  });
}

/** MR731 for each stage with a compute setting that none of these plans has. `place`: the field. */
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
      message: `no pipeline has a stage "${name}"`,
      hint: `remove it   (stages: ${known.join(', ')})`,
    }));
}
