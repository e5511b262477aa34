import { kindOf } from '../compute/compute.ts';
import { type Forecast, forecast } from './forecast.ts';
import type { Question } from './question.ts';
import type { Range } from './range.ts';

/** The same runs on one choice of compute. All amounts in USD. */
export interface Choice {
  /** Stage -> compute kind. */
  stages: Record<string, string>;
  /** Text, such as `build on EMR, predict on Glue Flex`. */
  what: string;
  /** Whether the environment has this choice. */
  chosen: boolean;
  run: Range;
  incremental: Range;
  month: Range;
  seconds: Forecast['seconds'];
}

/** The forecast of the environment's compute and that of the other one, from the same prices, rows and throughput. */
export const choices = (question: Question, chosen: Forecast, other: Question): Choice[] => [
  { ...choiceOf(question, chosen), chosen: true },
  { ...choiceOf(other, forecast(other)), chosen: false },
];

function choiceOf({ plan, environment }: Question, { run, incremental, month, seconds }: Forecast) {
  const amount = ({ low, expected, high }: Range): Range => ({ low, expected, high });
  return {
    stages: Object.fromEntries(plan.stages.map(({ name, compute }) => [name, compute])),
    what: plan.stages.map((stage) => `${stage.name} on ${kindOf(stage).billing(environment).name}`).join(', '),
    run: amount(run),
    incremental: amount(incremental),
    month: amount(month),
    seconds,
  };
}
