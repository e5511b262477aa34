import type { Issue } from '../errors.ts';
import type { Forecast } from './forecast.ts';
import type { Item } from './items.ts';
import { usd } from './range.ts';

/** MR634 where a month is expected to cost more than `maxUsd`; names the dearest item and one thing to do. */
export function budgetIssue(forecast: Forecast, maxUsd: number): Issue | undefined {
  if (forecast.month.expected <= maxUsd) return undefined;
  const first = forecast.dearest[0];
  const what = first === undefined ? '' : `; the dearest is ${first.what} at ${usd(first.usd.expected)}`;
  const onFirst = forecast.savings.filter((entry) => first !== undefined && entry.on.includes(first.id));
  // A cluster is another compute; the others are a setting, or a line of the definition.
  const saving = onFirst.find((entry) => entry.id !== 'spot') ?? onFirst[0];
  const hint =
    saving === undefined
      ? `${first === undefined ? 'raise the budget' : adviceOn(first)}`
      : `${saving.what}: about ${usd(saving.usd)} a month less`;
  return {
    code: 'MR634',
    path: `environment ${forecast.environment}  ${first?.id ?? 'month'}`,
    message: `a month of ${forecast.pipeline} is expected to cost ${usd(forecast.month.expected)}, above the budget of ${usd(maxUsd)}${what}`,
    hint,
  };
}

function adviceOn(item: Item): string {
  switch (item.kind) {
    case 'train':
      return 'a smaller grid or fewer folds, or train less often than the tables are computed';
    case 'transform':
      return 'read `new` or `affected` rows instead of all of them';
    case 'ingest':
      return 'bring fewer, larger files, as Parquet where the source can';
    case 'predict':
    case 'start':
      return 'run less often: each run pays its start';
    case 'storage':
      return 'a shorter retention of earlier versions';
    case 'logs':
      return 'a lower log level, or a shorter retention of logs';
    case 'orchestration':
    case 'requests':
      return 'run less often, or with fewer tables';
    case 'fixed':
      return 'give up what is not needed in this environment';
    case 'stream':
      return 'put records together before they are sent, or bring files instead';
    default:
      return item.kind satisfies never;
  }
}
