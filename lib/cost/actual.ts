import { dpuOf, glueUnit } from '../compute/glue/billing.ts';
import type { RunDocument } from '../documents/run-document.ts';

import type { CostEnvironment } from './cost-sizes.ts';
import type { Spend } from './items.ts';
import { type Prices, price } from './prices.ts';

/** Resources that a finished run used. Glue reports `DPUSeconds` for each job run; for a local run it is seconds times DPU. */
export interface Usage {
  run: string;
  from: 'local' | 'glue';
  stages: { stage: string; dpuSeconds: number }[];
}

export interface Actual {
  run: string;
  from: Usage['from'];
  dpuSeconds: number;
  /** USD of compute. */
  forecast: number;
  actual: number;
  /** Actual divided by forecast; undefined if the forecast is 0. */
  ratio: number | undefined;
  stages: { stage: string; forecast: number; actual: number; ratio: number | undefined }[];
}

/** Seconds of each stage including the engine's start, counted as if this machine were the environment's workers. */
export function usageOfRun(run: RunDocument, environment: CostEnvironment): Usage {
  const stages = [...new Set(run.tasks.map((task) => task.stage))].map((stage) => {
    const names = [`stage ${stage}`, `engine start (${stage})`];
    const seconds = run.phases.filter((phase) => names.includes(phase.name)).reduce((sum, p) => sum + p.seconds, 0);
    return { stage, dpuSeconds: seconds * dpuOf(environment) };
  });
  return { run: run.run, from: 'local', stages };
}

/** Compares the forecast compute of a run with its usage, by stage, at the same prices. */
export function compareActual(forecast: Spend, usage: Usage, environment: CostEnvironment, prices: Prices): Actual {
  const hour = price(prices, glueUnit(environment), environment.region);
  const stages = usage.stages.map(({ stage, dpuSeconds }) => {
    const items = forecast.items.filter((item) => item.id.startsWith(`glue.${stage}.`));
    const expected = items.reduce((sum, item) => sum + item.usd.expected, 0);
    const actual = (dpuSeconds * hour) / 3600;
    return { stage, forecast: expected, actual, ratio: ratioOf(actual, expected) };
  });
  const expected = stages.reduce((sum, stage) => sum + stage.forecast, 0);
  const actual = stages.reduce((sum, stage) => sum + stage.actual, 0);
  const dpuSeconds = usage.stages.reduce((sum, stage) => sum + stage.dpuSeconds, 0);
  return {
    run: usage.run,
    from: usage.from,
    dpuSeconds,
    forecast: expected,
    actual,
    ratio: ratioOf(actual, expected),
    stages,
  };
}

const ratioOf = (actual: number, expected: number) => (expected > 0 ? actual / expected : undefined);
