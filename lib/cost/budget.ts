import type { Issue } from '../errors.ts';
import { learns, listsFiles, runsSql, type TaskKind, taskKinds } from '../plan/task-kinds.ts';
import type { Forecast } from './forecast.ts';
import type { Item } from './items.ts';
import { usd } from './range.ts';

/** MR634 if a month is expected to cost more than `maxUsd`; names the most expensive item and one thing to do. */
export function budgetIssue(forecast: Forecast, maxUsd: number): Issue | undefined {
  if (forecast.month.expected <= maxUsd) return undefined;
  const first = forecast.dearest[0];
  const what = first === undefined ? '' : `; the most expensive item is ${first.what} at ${usd(first.usd.expected)}`;
  const onFirst = forecast.savings.filter((entry) => first !== undefined && entry.on.includes(first.id));
  // Prefers savings that are only a setting or a line of the definition to a move to EMR.
  const saving = onFirst.find((entry) => entry.id !== 'spot') ?? onFirst[0];
  const hint =
    saving === undefined
      ? `${first === undefined ? 'raise the budget' : adviceOn(first)}`
      : `${saving.what}: saves about ${usd(saving.usd)} per month`;
  return {
    code: 'MR634',
    path: `environment ${forecast.environment}  ${first?.id ?? 'month'}`,
    message: `a month of ${forecast.pipeline} is expected to cost ${usd(forecast.month.expected)}, above the budget of ${usd(maxUsd)}${what}`,
    hint,
  };
}

function adviceOn(item: Item): string {
  const { kind } = item;
  if (isTaskKind(kind)) return adviceOnTask({ kind });
  switch (kind) {
    case 'start':
      return 'run less often: each run pays for its start';
    case 'storage':
      return 'shorten the retention of earlier versions';
    case 'logs':
      return 'lower the log level, or shorten the retention of logs';
    case 'orchestration':
    case 'requests':
      return 'run less often, or with fewer tables';
    case 'fixed':
      return 'remove what this environment does not need';
    case 'stream':
      return 'batch records before sending them, or deliver files instead';
    default:
      return kind satisfies never;
  }
}

function adviceOnTask(task: { kind: TaskKind }): string {
  if (learns(task)) return 'use a smaller grid or fewer folds, or train less often';
  if (runsSql(task)) return 'read `new` or `affected` rows instead of all of them';
  if (listsFiles(task)) return 'deliver fewer, larger files, as Parquet if possible';
  return 'run less often: each run pays for its start';
}

const isTaskKind = (kind: string): kind is TaskKind => kind in taskKinds;
