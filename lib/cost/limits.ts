import { type Driver, usableShare } from '../compute/billing.ts';
import { kindOf } from '../compute/compute.ts';
import type { Issue } from '../errors.ts';
import { learns, traitsOf } from '../plan/task-kinds.ts';
import { duration, overtime, type StageTime } from './compute.ts';
import type { CostEnvironment } from './cost-sizes.ts';

/**
 * Peak memory of a training per row and input, the table included: 1,244 bytes a row for churn's 30 inputs, from 19,000 to 190,000 rows
 * (`bench/training_memory.py --rows 20000,200000`, 2026-11-29). Text inputs take more of it than numbers, up to 64 columns each.
 */
const bytesPerInput = 1244 / 30;

const trainingBytes = (rows: number, inputs: number): number => rows * inputs * bytesPerInput;

function more(bytes: number, { withMemory }: Driver): string {
  const larger = withMemory?.(bytes / 1e9 / usableShare);
  return `use ${larger === undefined ? '' : `${larger}, `}fewer features or fewer rows`;
}

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
      const bytes = trainingBytes(rows.expected, task.inputs.length);
      if (bytes <= memory * usableShare) return [];
      return [
        {
          code: 'MR637',
          path: at(task.name),
          message: `${task.name} needs about ${Math.round(bytes / 1e9)} GB of memory; a ${driver.name} has ${driver.memoryGb} GB`,
          hint: more(bytes, driver),
        },
      ];
    });
  return [...late, ...large];
}
