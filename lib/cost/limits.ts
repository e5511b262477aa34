import { kindOf } from '../compute/compute.ts';
import type { Issue } from '../errors.ts';
import { learns, traitsOf } from '../plan/task-kinds.ts';
import { duration, overtime, type StageTime } from './compute.ts';
import type { CostEnvironment } from './cost-sizes.ts';

/** Memory of one feature of one row during training: eight bytes in Arrow and four in XGBoost. */
const bytesPerFeature = 12;

/** The share of a driver's memory that is available for data. */
const usableShare = 0.6;

/** MR633: a stage that may outlast its timeout. MR637: a training that may not fit into the driver's memory. */
export function limitIssues(times: readonly StageTime[], environment: CostEnvironment): Issue[] {
  const at = (what: string) => `environment ${environment.name}  ${what}`;
  const late = overtime(times).map(({ stage, level, seconds }): Issue => {
    const tasks = times.find((time) => time.stage === stage)?.tasks ?? [];
    const longest = [...tasks].sort((one, other) => other.seconds.expected - one.seconds.expected)[0]?.task;
    const onDriver = longest !== undefined && traitsOf(longest).onDriver;
    const upper = level === 'high' ? ' at the upper end' : '';
    return {
      code: 'MR633',
      path: at(`stage ${stage.name}`),
      message: `a full run of stage "${stage.name}" takes ${duration(seconds)}${upper}, more than its timeout of ${duration(stage.timeoutSeconds)}`,
      hint: onDriver
        ? `most of it is ${longest.name}, which runs on the driver alone: use a larger workerType, a smaller grid or fewer folds`
        : `most of it is ${longest?.name ?? 'its start'}: use more workers, or a longer timeout`,
    };
  });
  const large = times
    .flatMap(({ stage, tasks }) =>
      tasks.map((each) => ({ ...each, driver: kindOf(stage).billing(environment).driver })),
    )
    .flatMap(({ task, rows, driver }): Issue[] => {
      const memory = driver.memoryGb * 1e9;
      if (!learns(task)) return [];
      const bytes = rows.expected * (task.inputs.length + 1) * bytesPerFeature;
      if (bytes <= memory * usableShare) return [];
      return [
        {
          code: 'MR637',
          path: at(task.name),
          message: `${task.name} needs about ${Math.round(bytes / 1e9)} GB of memory; a ${driver.name} has ${driver.memoryGb} GB`,
          hint: 'use a larger workerType, fewer features or fewer rows',
        },
      ];
    });
  return [...late, ...large];
}
